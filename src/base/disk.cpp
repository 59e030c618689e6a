#include "base/disk.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/atomic_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

int Disk::create(const fs::path& file, int flags, mode_t mode) {
  return ::open(file.c_str(), flags, mode);
}
ssize_t Disk::write(int descriptor, const void* bytes, std::size_t count) {
  return ::write(descriptor, bytes, count);
}
int Disk::fsync(int descriptor) {
  return ::fsync(descriptor);
}
int Disk::close(int descriptor) {
  return ::close(descriptor);
}
int Disk::flock(int descriptor, int operation) {
  return ::flock(descriptor, operation);
}
int Disk::rename(const fs::path& from, const fs::path& to) {
  return ::rename(from.c_str(), to.c_str());
}
int Disk::mkdir(const fs::path& folder) {
  return ::mkdir(folder.c_str(), 0777);
}
int Disk::unlink(const fs::path& file) {
  return ::unlink(file.c_str());
}
int Disk::rmdir(const fs::path& folder) {
  return ::rmdir(folder.c_str());
}

namespace {

Disk own_disk;
Disk* disk_in_use = &own_disk;

}  // namespace

Disk& disk() {
  return *disk_in_use;
}

void replace_disk(Disk* other) {
  disk_in_use = other ? other : &own_disk;
}

void flush_folder(const fs::path& folder) {
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES) return;  // it may be written to, but not read
  if (descriptor < 0) throw_machine_error("open the folder", folder);
  const int code = disk().fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (code == 0 || code == EINVAL || code == ENOTSUP || code == EBADF) return;
  errno = code;
  throw_machine_error("flush the folder", folder);
}

}  // namespace nicohort
