// A disk that does what a test wants: logs the calls, lets one fail, ends the process at one.
#pragma once

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "base/disk.hpp"

namespace nicohort::testing {

// The process has ended; not an exception that anybody catches by its kind.
struct Killed {};

class TestDisk : public Disk {
 public:
  struct Call {
    std::string name;
    std::filesystem::path path, to;
  };
  // The calls of all threads. Gives an errno with which the call fails, 0 to let it go on; may
  // throw Killed.
  static constexpr int done_and_denied = 10'000;
  using Decide = std::function<int(const Call&, int number)>;

  explicit TestDisk(Decide decide = {}) : decide_(std::move(decide)) { replace_disk(this); }
  ~TestDisk() override { replace_disk(nullptr); }

  int create(const std::filesystem::path& file, int flags, mode_t mode) override {
    return may("create", file) ? Disk::create(file, flags, mode) : -1;
  }
  ssize_t write(int descriptor, const void* bytes, std::size_t count) override {
    return may("write", path_of(descriptor)) ? Disk::write(descriptor, bytes, count) : -1;
  }
  int fsync(int descriptor) override {
    // Nothing is lost in these tests but what they lose on purpose.
    return may("fsync", path_of(descriptor)) ? 0 : -1;
  }
  int close(int descriptor) override {
    const bool is_well = may("close", path_of(descriptor));
    const int code = errno;
    const int result = Disk::close(descriptor);
    errno = code;
    return is_well ? result : -1;
  }
  int flock(int descriptor, int operation) override {
    return is_dead_ || may("flock", path_of(descriptor)) ? Disk::flock(descriptor, operation) : -1;
  }
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (may("rename", from, to)) return Disk::rename(from, to);
    // As NFS, which asks again when it got no answer: the call is made, and then denied.
    if (errno == done_and_denied) {
      Disk::rename(from, to);
      errno = ENOENT;
    }
    return -1;
  }
  int mkdir(const std::filesystem::path& folder) override {
    return may("mkdir", folder) ? Disk::mkdir(folder) : -1;
  }
  int unlink(const std::filesystem::path& file) override {
    return may("unlink", file) ? Disk::unlink(file) : -1;
  }
  int rmdir(const std::filesystem::path& folder) override {
    return may("rmdir", folder) ? Disk::rmdir(folder) : -1;
  }

  static std::filesystem::path path_of(int descriptor) {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error);
  }

  int calls() const { return number_; }

 private:
  // Whether the call is made; errno if not, or if it is to be denied.
  bool may(const char* name, const std::filesystem::path& path,
           const std::filesystem::path& to = {}) {
    errno = EIO;
    if (is_dead_) return false;
    try {
      errno = decide_ ? decide_({name, path, to}, number_++) : 0;
    } catch (...) {
      is_dead_ = true;  // what destructors would do to files does not happen
      throw;
    }
    return errno == 0;
  }

  Decide decide_;
  std::atomic<int> number_ = 0;
  std::atomic<bool> is_dead_ = false;
};

}  // namespace nicohort::testing
