#include "base/gzip.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"
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

}  // namespace nicohort
