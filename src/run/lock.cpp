#include "run/lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/own_file.hpp"
#include "run/lease.hpp"

namespace nicohort {
namespace fs = std::filesystem;

namespace {

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
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

// Whether the file still has its name.
bool is_named(int descriptor, const fs::path& file) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(file.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

[[noreturn]] void throw_busy(const std::string& who, const fs::path& folder) {
  throw Lease::Busy(
      fmt::format("another nicohort{} is at work in {}; wait until it has finished, and start "
                  "the same command again",
                  who, folder.string()));
}

// `grouped` of `grouped/.nicohort/lock`.
fs::path place_of(const fs::path& file) {
  return file.parent_path().parent_path();
}

// Once is enough: other folders are most likely on the same file system.
void warn_of_no_locks(const fs::path& file, const char* why) {
  static std::atomic<bool> is_warned = false;
  if (!is_warned.exchange(true))
    fmt::print(stderr,
               "warning: {}: file locks do not work here ({}); the file {} stands in for them as "
               "long as this command is at work\n",
               file.string(), why, (file.parent_path() / "lease").string());
}

}  // namespace

LockFile::LockFile(const fs::path& file, Sharing sharing) : file_(file), sharing_(sharing) {
  require_own(place_of(file), file);
  const int kind = sharing == Sharing::alone ? LOCK_EX : LOCK_SH;
  for (;;) {
    open();
    if (descriptor_ < 0) return;
    const int code = ::flock(descriptor_, kind | LOCK_NB) == 0 ? 0 : errno;
    if (code == EWOULDBLOCK) {
      const std::string who = holders(descriptor_);
      ::close(descriptor_);
      throw_busy(who, place_of(file));
    }
    if (code != 0) lock_without_system(std::strerror(code));
    // Between open and lock its last owner may have removed it.
    if (code != 0 || is_named(descriptor_, file)) return;
    ::close(descriptor_);
  }
}

// For writing: some network file systems lock nothing else.
void LockFile::open() {
  constexpr int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  descriptor_ = ::open(file_.c_str(), flags | O_RDWR | O_CREAT, 0666);
  const bool is_reader = sharing_ == Sharing::together;
  if (descriptor_ < 0 && is_reader && (errno == EACCES || errno == EPERM || errno == EROFS))
    descriptor_ = ::open(file_.c_str(), flags | O_RDONLY);
  if (descriptor_ < 0 && is_reader &&
      (errno == ENOENT || errno == EACCES || errno == EPERM || errno == EROFS))
    return;
  if (descriptor_ < 0) throw_machine_error("write", file_);
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) return;
  ::close(descriptor_);
  throw BadInput(file_.string(), "is not a regular file; remove it");
}

void LockFile::lock_without_system(const char* why) {
  try {
    lease_ = std::make_unique<KeptLease>(file_.parent_path() / "lease", Lease::Mode::alone);
    warn_of_no_locks(file_, why);
  } catch (const Lease::Busy& busy) {
    ::close(descriptor_);
    throw_busy(fmt::format(" ({})", busy.what()), place_of(file_));
  } catch (const MachineError&) {
    const bool may_write = ::access(file_.parent_path().c_str(), W_OK) == 0;
    if (sharing_ == Sharing::together && !may_write) return;
    ::close(descriptor_);
    throw;
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

void LockFile::remove_if_alone() const {
  std::error_code error;
  fs::directory_iterator entry(file_.parent_path(), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (entry->path().filename() != file_.filename() && entry->path().filename() != "lease") return;
  // Others may hold it, too.
  if (error || descriptor_ < 0 || lease_ || ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) return;
  ::unlink(file_.c_str());
  ::rmdir(file_.parent_path().c_str());
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RunLock::RunLock(const fs::path& file) {
  require_own(place_of(file), file);
  make_folder(file.parent_path());
  try {
    lock_ = std::make_unique<LockFile>(file, LockFile::Sharing::alone);
  } catch (const Lease::Busy&) {
    std::error_code error;
    const std::string holder =
        fs::is_regular_file(file, error) ? read_file(file, 4096) : std::string();
    if (holder.empty()) throw;
    throw MachineError(
        fmt::format("another nicohort is at work here: {}; wait until it has finished", holder));
  }
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string holder = fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S}", ::getpid(),
                                         host.data(), fmt::localtime(std::time(nullptr)));
  if (::ftruncate(lock_->descriptor(), 0) != 0 || !write_fully(lock_->descriptor(), holder))
    throw_machine_error("write", file);
}

RunLock::~RunLock() {
  if (::ftruncate(lock_->descriptor(), 0) != 0) return;  // it says who was the last
}

FolderLock::FolderLock(const fs::path& folder, Sharing sharing) {
  const fs::path file = folder / ".nicohort" / "lock";
  require_own(folder, file);
  if (sharing == Sharing::alone)
    make_folder(file.parent_path());
  else
    ::mkdir(file.parent_path().c_str(), 0777);  // where there is a dataset, and it can be done
  lock_ = std::make_unique<LockFile>(
      file, sharing == Sharing::alone ? LockFile::Sharing::alone : LockFile::Sharing::together);
}

FolderLock::~FolderLock() {
  lock_->remove_if_alone();
}

}  // namespace nicohort
