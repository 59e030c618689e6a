// Times the encoder of volumes against ISA-L's level 1 on the same voxels, and reading back what
// either has written, all by turns in one thread.
// usage: volume_encoder ROUNDS FILE VOXELS    (FILE: float32, repeated until there are so many)
// Prints, as JSON: medians of CPU seconds, the median of their ratios within a round, and sizes.
#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <vector>

#include "deflate/gzip_writer.hpp"
#include "deflate/library_encoders.hpp"

namespace {
using namespace nicohort;
using Bytes = std::vector<std::byte>;

double seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

constexpr std::size_t piece = 256 * 1024;  // as volumes are read and written

Bytes read_voxels(const char* path, std::size_t count) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  Bytes voxels(4 * count);
  const std::size_t size = std::min(voxels.size(), std::size_t(file.tellg()) / 4 * 4);
  file.seekg(0);
  if (size == 0 || !file.read(reinterpret_cast<char*>(voxels.data()), std::streamsize(size)))
    std::exit(2);
  for (std::size_t at = size; at < voxels.size(); at += size)
    std::copy_n(voxels.begin(), std::min(size, voxels.size() - at), voxels.begin() + at);
  return voxels;
}

// Appends in memory that is there already: what is timed is the encoder.
class Output {
 public:
  explicit Output(std::size_t most) : bytes_(most) {}
  void clear() { size_ = 0; }
  ByteSink sink() {
    return [this](std::span<const std::byte> bytes) {
      if (size_ + bytes.size() > bytes_.size()) std::exit(3);
      std::copy(bytes.begin(), bytes.end(), bytes_.begin() + size_);
      size_ += bytes.size();
    };
  }
  std::span<std::byte> bytes() { return std::span(bytes_).first(size_); }

 private:
  Bytes bytes_;
  std::size_t size_ = 0;
};

void encode(std::span<const std::byte> voxels, const ByteSink& sink) {
  GzipWriter writer(sink);
  writer.expect(Content::floats);
  for (; voxels.size() > piece; voxels = voxels.subspan(piece)) writer.write(voxels.first(piece));
  writer.write(voxels);
  writer.finish();
}

void encode_by_isal(std::span<const std::byte> voxels, const ByteSink& sink) {
  const auto encoder = isal_encoder(1);
  for (; voxels.size() > piece; voxels = voxels.subspan(piece))
    encoder->encode(voxels.first(piece), Content::any, false, sink);
  encoder->encode(voxels, Content::any, true, sink);
}

std::uint8_t* data(std::span<std::byte> bytes) {
  return reinterpret_cast<std::uint8_t*>(bytes.data());
}

void inflate_by_isal(std::span<std::byte> gzip, std::span<std::byte> into) {
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.next_in = data(gzip), state.avail_in = std::uint32_t(gzip.size());
  state.next_out = data(into), state.avail_out = std::uint32_t(into.size());
  if (isal_inflate(&state) != ISAL_DECOMP_OK || state.block_state != ISAL_BLOCK_FINISH)
    std::exit(4);
}

void inflate_by_zlib(std::span<std::byte> gzip, std::span<std::byte> into) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = data(gzip), stream.avail_in = uInt(gzip.size());
  stream.next_out = data(into), stream.avail_out = uInt(into.size());
  if (inflate(&stream, Z_FINISH) != Z_STREAM_END) std::exit(4);
  inflateEnd(&stream);
}

double timed(const std::function<void()>& work) {
  const double begin = seconds();
  work();
  return seconds() - begin;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

struct Pairs {
  std::vector<double> ours, theirs;
  std::string json() const {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
    return fmt::format("[{:.4f}, {:.4f}, {:.3f}]", median(ours), median(theirs), median(ratios));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const Bytes voxels = read_voxels(argv[2], std::strtoul(argv[3], nullptr, 10));
  Bytes back(voxels.size());
  Output ours(2 * voxels.size() + piece), theirs(2 * voxels.size() + piece);
  Pairs encoding, isal, zlib;
  const auto read = [&](auto inflate, Output& from, std::vector<double>& times) {
    times.push_back(timed([&] { inflate(from.bytes(), back); }));
    if (back != voxels) std::exit(5);
  };
  for (int round = std::atoi(argv[1]); round > 0; --round) {
    ours.clear(), theirs.clear();
    encoding.ours.push_back(timed([&] { encode(voxels, ours.sink()); }));
    encoding.theirs.push_back(timed([&] { encode_by_isal(voxels, theirs.sink()); }));
    read(inflate_by_isal, ours, isal.ours), read(inflate_by_isal, theirs, isal.theirs);
    read(inflate_by_zlib, ours, zlib.ours), read(inflate_by_zlib, theirs, zlib.theirs);
  }
  fmt::print("{{\"encoding\": {}, \"igzip\": {}, \"zlib\": {}, \"bytes\": [{}, {}]}}\n",
             encoding.json(), isal.json(), zlib.json(), ours.bytes().size(), theirs.bytes().size());
}
