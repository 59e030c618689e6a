#include "deflate/gzip_writer.hpp"

#include <algorithm>
#include <vector>

#include "base/output_file.hpp"
#include "deflate/library_encoders.hpp"
#include "deflate/voxel_encoder.hpp"

namespace nicohort {
namespace {

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::fast:
      return isal_encoder(0);
    case Compression::small:
      return zlib_encoder(6);
    default:
      return voxel_encoder();
  }
}

}  // namespace

struct GzipWriter::State {
  ByteSink sink;
  std::unique_ptr<Encoder> encoder;
  const std::size_t block_bytes = encoder->block_bytes();
  Content content = Content::any;
  std::vector<std::byte> block{};  // less than block_bytes, waiting for more

  void encode(std::span<const std::byte> bytes, bool last) {
    encoder->encode(bytes, content, last, sink);
  }
};

GzipWriter::GzipWriter(ByteSink sink, Compression compression)
    : state_(std::make_unique<State>(State{std::move(sink), make_encoder(compression)})) {
  state_->block.reserve(state_->block_bytes);
}
GzipWriter::GzipWriter(OutputFile& file, Compression compression)
    : GzipWriter([&file](std::span<const std::byte> bytes) { file.write(bytes); }, compression) {}
GzipWriter::~GzipWriter() = default;

void GzipWriter::expect(Content content) {
  State& s = *state_;
  if (!s.block.empty()) s.encode(s.block, false);
  s.block.clear();
  s.content = content;
}

void GzipWriter::write(std::span<const std::byte> bytes) {
  State& s = *state_;
  // Always the same cuts, whatever the pieces: what comes out depends on them.
  while (!bytes.empty()) {
    if (s.block.empty() && bytes.size() >= s.block_bytes) {
      s.encode(bytes.first(s.block_bytes), false);
      bytes = bytes.subspan(s.block_bytes);
      continue;
    }
    const std::size_t take = std::min(s.block_bytes - s.block.size(), bytes.size());
    s.block.insert(s.block.end(), bytes.begin(), bytes.begin() + take);
    bytes = bytes.subspan(take);
    if (s.block.size() == s.block_bytes) {
      s.encode(s.block, false);
      s.block.clear();
    }
  }
}

void GzipWriter::finish() {
  state_->encode(state_->block, true);
  state_.reset();  // a sample may have hundreds of finished files that wait for commit()
}

}  // namespace nicohort
