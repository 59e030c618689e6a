#include "base/gzip.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"

namespace nicohort {
namespace {

constexpr std::size_t input_bytes = 64 * 1024;
constexpr std::size_t small_read = 4096, small_input = 1024;
constexpr std::array<std::uint8_t, 2> gzip_magic{0x1f, 0x8b};

const char* inflate_fault(int code) {
  switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
      return "its gzip checksum or length does not match its content";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return "a gzip header in it is not valid";
    default:
      return "its compressed data are corrupt";
  }
}

}  // namespace

struct ByteReader::State {
  int descriptor = -1;
  std::uint64_t file_bytes = 0;
  bool gzip = false;
  bool at_end = false;     // no more bytes in the file
  bool in_member = false;  // inflating; false between gzip members
  std::vector<std::uint8_t> buffer;
  std::uint8_t* next = nullptr;  // unread part of buffer
  std::size_t available = 0;
  std::unique_ptr<inflate_state> inflate;
  std::optional<Sha256> hash;

  ~State() {
    if (descriptor >= 0) ::close(descriptor);
  }

  // Reads on; what is left in the buffer must be used up or moved to its front first.
  void refill() {
    stop_if_interrupted();
    std::memmove(buffer.data(), next, available);
    next = buffer.data();
    while (!at_end && available < buffer.size()) {
      ssize_t got = ::read(descriptor, buffer.data() + available, buffer.size() - available);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        throw BadInput(ProblemKind::unreadable_file,
                       fmt::format("cannot be read: {}; check the disk and copy the file again",
                                   std::strerror(errno)));
      if (got == 0) at_end = true;
      if (hash) hash->update(std::as_bytes(std::span(buffer)).subspan(available, got));
      available += got;
      if (got > 0) break;
    }
  }

  std::size_t read_plain(std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
      if (available == 0) refill();
      if (available == 0) break;
      std::size_t take = std::min(available, into.size() - done);
      std::memcpy(into.data() + done, next, take);
      next += take, available -= take, done += take;
    }
    return done;
  }

  // Moves to the next gzip member; false at the end of the file.
  bool start_member() {
    while (available < gzip_magic.size() && !at_end) refill();
    if (available >= 2 && next[0] == gzip_magic[0] && next[1] == gzip_magic[1]) {
      isal_inflate_reset(inflate.get());
      inflate->crc_flag = ISAL_GZIP;
      return in_member = true;
    }
    // Some archivers pad with zeros; anything else is not ours to guess.
    while (available > 0) {
      if (std::any_of(next, next + available, [](std::uint8_t byte) { return byte != 0; }))
        throw BadInput(ProblemKind::unreadable_file,
                       "has bytes after the end of its gzip data; compress it again");
      available = 0;
      refill();
    }
    return false;
  }

  std::size_t read_gzip(std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
      if (!in_member && !start_member()) break;
      if (available == 0) refill();
      // ISA-L decodes all it is given, far beyond what a header's few bytes need.
      const std::size_t given =
          into.size() < small_read ? std::min(available, small_input) : available;
      inflate->next_in = next;
      inflate->avail_in = static_cast<std::uint32_t>(given);
      inflate->next_out = reinterpret_cast<std::uint8_t*>(into.data() + done);
      std::uint32_t room = static_cast<std::uint32_t>(
          std::min<std::size_t>(into.size() - done, std::size_t{1} << 30));
      inflate->avail_out = room;
      int code = isal_inflate(inflate.get());
      std::size_t used = given - inflate->avail_in, made = room - inflate->avail_out;
      next = inflate->next_in;
      available -= used;
      done += made;
      if (code < 0)
        throw BadInput(ProblemKind::unreadable_file,
                       fmt::format("is damaged: {}; copy or export it again", inflate_fault(code)));
      if (inflate->block_state == ISAL_BLOCK_FINISH)
        in_member = false;
      else if (used == 0 && made == 0 && available == 0 && at_end)
        throw BadInput(ProblemKind::unreadable_file,
                       "is truncated: its gzip data end too early; copy or export it again");
    }
    return done;
  }
};

ByteReader::ByteReader(const std::filesystem::path& path, bool hashed)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  if (hashed) s.hash.emplace();
  s.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (s.descriptor < 0 && is_want_of_resources(errno)) throw_machine_error("open", path);
  if (s.descriptor < 0)
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("cannot be opened: {}; check that it is there and may be read",
                               std::strerror(errno)));
  struct stat status {};
  if (::fstat(s.descriptor, &status) != 0) throw_machine_error("examine", path);
  if (!S_ISREG(status.st_mode))
    throw BadInput(ProblemKind::unreadable_file,
                   "is not a regular file; replace it by the image itself");
  s.file_bytes = status.st_size;
  if (s.file_bytes == 0)
    throw BadInput(ProblemKind::unreadable_file, "is empty (0 bytes); copy or export it again");
  s.buffer.resize(std::clamp<std::size_t>(s.file_bytes, gzip_magic.size(), input_bytes));
  s.next = s.buffer.data();
  while (s.available < gzip_magic.size() && !s.at_end) s.refill();
  s.gzip = s.available >= 2 && s.next[0] == gzip_magic[0] && s.next[1] == gzip_magic[1];
  if (s.gzip) {
    s.inflate = std::make_unique_for_overwrite<inflate_state>();
    isal_inflate_init(s.inflate.get());
  }
}
ByteReader::~ByteReader() = default;
ByteReader::ByteReader(ByteReader&&) noexcept = default;

bool ByteReader::is_gzip() const {
  return state_->gzip;
}
std::uint64_t ByteReader::file_bytes() const {
  return state_->file_bytes;
}

std::string ByteReader::sha256() {
  return state_->hash->finish();
}

std::size_t ByteReader::read(std::span<std::byte> into) {
  return state_->gzip ? state_->read_gzip(into) : state_->read_plain(into);
}

std::uint32_t ByteReader::last_member_length() const {
  std::array<std::uint8_t, 4> last{};
  if (!state_->gzip || state_->file_bytes < last.size() ||
      ::pread(state_->descriptor, last.data(), last.size(), state_->file_bytes - last.size()) !=
          ssize_t(last.size()))
    return 0;
  return last[0] | last[1] << 8 | last[2] << 16 | std::uint32_t(last[3]) << 24;
}

namespace {

// Compresses block after block, all but the last of the same size, into one gzip member.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual std::size_t block_bytes() const = 0;
  virtual void encode(std::span<const std::byte> block, bool last,
                      const GzipWriter::Sink& sink) = 0;
};

// ISA-L's streaming deflate.
class IsalEncoder final : public Encoder {
 public:
  explicit IsalEncoder(int level) : level_buffer_(ISAL_DEF_LVL1_DEFAULT), output_(256 * 1024) {
    isal_deflate_init(&stream_);
    stream_.gzip_flag = IGZIP_GZIP;
    stream_.level = level;
    stream_.level_buf = level_buffer_.data();
    stream_.level_buf_size = static_cast<std::uint32_t>(level_buffer_.size());
  }

  std::size_t block_bytes() const override { return 256 * 1024; }

  void encode(std::span<const std::byte> block, bool last, const GzipWriter::Sink& sink) override {
    if (stream_.level > 0 && stream_.total_in == 0 && block.size() > first_bytes) {
      deflate(block.first(first_bytes), SYNC_FLUSH, false, sink);
      block = block.subspan(first_bytes);
    }
    deflate(block, NO_FLUSH, last, sink);
  }

 private:
  // ISA-L 2.30's code for the first byte of a stream at level 1 takes the place of `stream_` in
  // memory for data, and in one file of 8,000 other bytes come out
  // (igzip/igzip_icf_body_h1_gr_bt.asm: .write_first_byte). A piece of at most 16 bytes that is
  // flushed goes another way; seven bytes more.
  static constexpr std::size_t first_bytes = 8;

  void deflate(std::span<const std::byte> bytes, std::uint16_t flush, bool last,
               const GzipWriter::Sink& sink) {
    // ISA-L takes a pointer to non-const but only reads from it.
    stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(bytes.data()));
    stream_.avail_in = static_cast<std::uint32_t>(bytes.size());
    stream_.flush = flush;
    stream_.end_of_stream = last;
    do {
      stream_.next_out = output_.data();
      stream_.avail_out = static_cast<std::uint32_t>(output_.size());
      if (isal_deflate(&stream_) != COMP_OK) throw MachineError("ISA-L refused to compress");
      sink(std::as_bytes(std::span(output_).first(output_.size() - stream_.avail_out)));
    } while (stream_.avail_out == 0 || stream_.avail_in > 0);
  }

  isal_zstream stream_{};
  std::vector<std::uint8_t> level_buffer_, output_;
};

// zlib's deflate, which knows streams where libdeflate does not.
class ZlibEncoder final : public Encoder {
 public:
  explicit ZlibEncoder(int level) : output_(256 * 1024) {
    constexpr int gzip_window_bits = 15 + 16, memory_level = 8;
    if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~ZlibEncoder() override { deflateEnd(&stream_); }
  ZlibEncoder(const ZlibEncoder&) = delete;
  ZlibEncoder& operator=(const ZlibEncoder&) = delete;

  std::size_t block_bytes() const override { return 256 * 1024; }

  void encode(std::span<const std::byte> block, bool last, const GzipWriter::Sink& sink) override {
    // zlib takes a pointer to non-const but only reads from it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
    stream_.avail_in = static_cast<uInt>(block.size());
    do {
      stream_.next_out = output_.data();
      stream_.avail_out = static_cast<uInt>(output_.size());
      if (deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
        throw MachineError("zlib refused to compress");
      sink(std::as_bytes(std::span(output_).first(output_.size() - stream_.avail_out)));
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
  std::vector<Bytef> output_;
};

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  if (compression == Compression::small) return std::make_unique<ZlibEncoder>(6);
  return std::make_unique<IsalEncoder>(compression == Compression::fast ? 0 : 1);
}

}  // namespace

struct GzipWriter::State {
  Sink sink;
  std::unique_ptr<Encoder> encoder;
  const std::size_t block_bytes = encoder->block_bytes();
  std::vector<std::byte> block{};  // less than block_bytes, waiting for more
};

GzipWriter::GzipWriter(Sink sink, Compression compression)
    : state_(std::make_unique<State>(State{std::move(sink), make_encoder(compression)})) {
  state_->block.reserve(state_->block_bytes);
}
GzipWriter::GzipWriter(OutputFile& file, Compression compression)
    : GzipWriter([&file](std::span<const std::byte> bytes) { file.write(bytes); }, compression) {}
GzipWriter::~GzipWriter() = default;

void GzipWriter::write(std::span<const std::byte> bytes) {
  auto& [sink, encoder, block_bytes, block] = *state_;
  // Always the same cuts, whatever the pieces: what comes out depends on them.
  while (!bytes.empty()) {
    if (block.empty() && bytes.size() >= block_bytes) {
      encoder->encode(bytes.first(block_bytes), false, sink);
      bytes = bytes.subspan(block_bytes);
      continue;
    }
    std::size_t take = std::min(block_bytes - block.size(), bytes.size());
    block.insert(block.end(), bytes.begin(), bytes.begin() + take);
    bytes = bytes.subspan(take);
    if (block.size() == block_bytes) {
      encoder->encode(block, false, sink);
      block.clear();
    }
  }
}

void GzipWriter::finish() {
  state_->encoder->encode(state_->block, true, state_->sink);
  state_.reset();  // a sample may have hundreds of finished files that wait for commit()
}

}  // namespace nicohort
