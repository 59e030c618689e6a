#include "base/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/interrupt.hpp"

namespace nicohort {
namespace fs = std::filesystem;

OutputFile::OutputFile(const fs::path& path, mode_t mode)
    : path_(path),
      descriptor_(disk().create(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)) {
  if (descriptor_ < 0) throw_machine_error("write", path_);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  stop_if_interrupted();
  write_on(bytes);
}

void OutputFile::write_on(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = disk().write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw_machine_error("write", path_);
    hash_.update(bytes.first(done));
    bytes = bytes.subspan(done);
  }
}

const std::string& OutputFile::flush() {
  if (!sha256_.empty()) return sha256_;
  if (has_failed_) errno = EIO;
  if (has_failed_ || disk().fsync(descriptor_) != 0) {
    has_failed_ = true;
    throw_machine_error("flush", path_);
  }
  return sha256_ = hash_.finish();
}

void OutputFile::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && disk().close(descriptor) != 0 && errno != EINTR)
    throw_machine_error("close", path_);
}

void OutputFile::give_to_group(gid_t group) {
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && status.st_gid != group &&
      ::fchown(descriptor_, -1, group) != 0)
    errno = 0;  // not a member of it
}

void OutputFile::set_mode(mode_t mode) {
  ::fchmod(descriptor_, mode & 07777);
}

void SmallPieces::write(std::string_view text) {
  waiting_.reserve(enough);
  waiting_ += text;
  if (waiting_.size() >= enough) finish();
}

void SmallPieces::finish() {
  file_.write(waiting_);
  waiting_.clear();
}

}  // namespace nicohort
