#include "run/lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"

namespace nicohort {

RunLock::RunLock(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
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
  if (::ftruncate(descriptor_, 0) != 0 ||
      ::write(descriptor_, holder.data(), holder.size()) != ssize_t(holder.size()))
    throw_machine_error("write", file);
}

RunLock::~RunLock() {
  if (::ftruncate(descriptor_, 0) == 0) ::close(descriptor_);
}

}  // namespace nicohort
