// The system calls by which files change, in one place, so that a test can stand in for the disk:
// log them, let one fail, or end the process at one.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace nicohort {

// Each as the call of its name: the result, and errno.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual int create(const std::filesystem::path& file, int flags, mode_t mode);  // open(2)
  virtual ssize_t write(int descriptor, const void* bytes, std::size_t count);
  virtual int fsync(int descriptor);
  virtual int close(int descriptor);
  virtual int flock(int descriptor, int operation);
  virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
  virtual int mkdir(const std::filesystem::path& folder);
  virtual int unlink(const std::filesystem::path& file);
  virtual int rmdir(const std::filesystem::path& folder);
};

Disk& disk();
// For tests. Nothing: the machine's own again.
void replace_disk(Disk* other);

// Brings the names in a folder to the disk. Some network file systems refuse that for any folder:
// then nothing can be done. Throws MachineError if it fails; it is not to be tried again, since a
// second flush says that all is well.
void flush_folder(const std::filesystem::path& folder);

}  // namespace nicohort
