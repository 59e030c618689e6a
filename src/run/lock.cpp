#include "run/lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"

namespace nicohort {

namespace {

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  errno = error.value();
  throw_machine_error("make the folder", folder);
}

bool write_fully(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && errno != EINTR) return false;
    text.remove_prefix(done < 0 ? 0 : done);
  }
  return true;
}

// " (process 12)" for each process of this machine that has the file flocked, from proc(5).
std::string holders(int descriptor) {
  struct stat file {};
  if (::fstat(descriptor, &file) != 0) return "";
  const std::string locked =
      fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
  std::ifstream locks("/proc/locks");
  std::string said, line, number, kind, advisory, access, process, place;
  while (std::getline(locks, line)) {
    std::istringstream(line) >> number >> kind >> advisory >> access >> process >> place;
    if (kind == "FLOCK" && place == locked) said += fmt::format(" (process {})", process);
  }
  return said;
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& file) {
  make_folder(file.parent_path());
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_machine_error("write", file);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = read_file(file, 4096);
    ::close(descriptor_);
    throw MachineError(
        fmt::format("another nicohort is at work here: {}; wait until it has finished",
                    holder.empty() ? "it has just started" : holder));
  }
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string holder = fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S}", ::getpid(),
                                         host.data(), fmt::localtime(std::time(nullptr)));
  if (::ftruncate(descriptor_, 0) != 0 || !write_fully(descriptor_, holder))
    throw_machine_error("write", file);
}

RunLock::~RunLock() {
  if (::ftruncate(descriptor_, 0) == 0) ::close(descriptor_);
}

FolderLock::FolderLock(const std::filesystem::path& folder, Sharing sharing) {
  make_folder(folder);
  descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) throw_machine_error("open the folder", folder);
  const int kind = sharing == Sharing::alone ? LOCK_EX : LOCK_SH;
  if (::flock(descriptor_, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  const std::string who = holders(descriptor_);
  ::close(descriptor_);
  throw MachineError(
      fmt::format("another nicohort{} is at work in {}; wait until it has finished, and start "
                  "the same command again",
                  who, folder.string()));
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace nicohort
