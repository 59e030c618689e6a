#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "base/disk.hpp"
#include "base/problem.hpp"
#include "base/written_files.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view temporary_begin = ".nicohort-", temporary_end = ".tmp";

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211U;
  return hash;
}

// Short whatever the final name: a name may have 255 bytes at most.
fs::path temporary_name(const fs::path& path, std::string_view owner = {}) {
  return path.parent_path() / fmt::format("{}{:016x}{}{}", temporary_begin,
                                          hash_of(path.filename().string()), owner, temporary_end);
}

std::string this_host() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("-{:016x}-", hash_of(host.data()));
}

// Takes the place of a lock in a temporary file's name.
std::string this_process() {
  return this_host() + std::to_string(::getpid());
}

// Whether the file is named as one of a process of this machine that is no more.
bool is_of_dead_process(const fs::path& temporary) {
  const std::string name = temporary.filename().string(), host = this_host();
  const std::size_t at = name.find(host);
  const long process = at == std::string::npos ? 0 : std::atol(name.c_str() + at + host.size());
  return process > 0 && ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

// A sample whose files cannot have their names is that sample's problem, not the machine's.
void check_name_lengths(const fs::path& path) {
  for (const fs::path& name : path)
    if (name.native().size() > NAME_MAX)
      throw BadInput(ProblemKind::layout,
                     fmt::format("needs a file or folder name of {} bytes, but only {} are "
                                 "possible; shorten the names from which it is made: {}",
                                 name.native().size(), NAME_MAX, name.string()));
}

void refuse_link(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error))
    throw BadInput(path.string(), ProblemKind::layout,
                   fmt::format("is a symbolic link to {}, and nicohort does not write through "
                               "links; name that file instead, or remove the link",
                               fs::read_symlink(path, error).string()));
}

bool is_same_file(int descriptor, const fs::path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

std::string_view remedy(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "make room on the disk";
    case EACCES:
    case EPERM:
    case EROFS:
      return "check the permissions of the folder, or name another";
    case EMFILE:
    case ENFILE:
      return "try --jobs 1, or allow more open files (ulimit -n)";
    default:
      return "check the disk";
  }
}

void remove_leftover(const fs::path& file) {
  if (!is_temporary(file)) return;
  int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return;
  // As in AtomicFile: who has the lock may remove what has the name.
  const bool is_locked = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  const bool is_left = is_locked || (errno != EWOULDBLOCK && is_of_dead_process(file));
  if (is_left && is_same_file(descriptor, file)) ::unlink(file.c_str());
  ::close(descriptor);
}

template <class Iterator>
void remove_leftovers_of(const fs::path& folder) {
  std::error_code error;
  Iterator entries(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entries != Iterator(); entries.increment(error))
    remove_leftover(entries->path());
}

}  // namespace

void throw_machine_error(std::string_view doing, const fs::path& path) {
  const int code = errno;
  throw MachineError(fmt::format("cannot {} {}: {}; {}, and run the same command again", doing,
                                 path.string(), std::strerror(code), remedy(code)));
}

bool is_temporary(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with(temporary_begin) && name.ends_with(temporary_end);
}

void remove_leftovers(const fs::path& folder, bool recursive) {
  const fs::path place = folder.empty() ? "." : folder;
  if (recursive)
    remove_leftovers_of<fs::recursive_directory_iterator>(place);
  else
    remove_leftovers_of<fs::directory_iterator>(place);
}

AtomicFile::AtomicFile(const fs::path& path, Access access)
    : temporary_(temporary_name(path, access == Access::of_many ? this_process() : "")),
      access_(access) {
  path_ = path;
  refuse_link(path_);
  check_name_lengths(path_);
  std::error_code error;
  if (path_.has_parent_path() && !fs::create_directories(path_.parent_path(), error) && error) {
    errno = error.value();
    throw_machine_error("make the folder", path_.parent_path());
  }
  for (bool has_locks = true;;) {
    descriptor_ = disk().create(temporary_, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                                access == Access::owner_only ? 0600 : 0666);
    if (descriptor_ < 0) throw_machine_error("write", path_);
    const int code = !has_locks || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (code == EWOULDBLOCK) {
      ::close(descriptor_);
      throw MachineError(fmt::format(
          "cannot write {}: another nicohort process is writing it; wait until it has finished",
          path_.string()));
    }
    if (code != 0) {
      struct stat status {};
      const bool is_new = ::fstat(descriptor_, &status) == 0 && status.st_size == 0;
      if (is_new) ::unlink(temporary_.c_str());
      ::close(descriptor_);
      has_locks = false;
      temporary_ = temporary_name(path_, this_process());
      continue;
    }
    // Between open and lock its last owner may have renamed or removed it.
    if (is_same_file(descriptor_, temporary_)) break;
    ::close(descriptor_);
  }
  // What a killed process left may be open to others.
  const bool is_private = access != Access::owner_only || ::fchmod(descriptor_, 0600) == 0;
  if (is_private && ::ftruncate(descriptor_, 0) == 0) return;
  throw_machine_error("write", path_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) disk().unlink(temporary_);
}

const std::string& AtomicFile::flush() {
  struct stat before {};
  if (access_ != Access::owner_only && ::stat(path_.c_str(), &before) == 0)
    set_mode(before.st_mode);
  return OutputFile::flush();
}

void AtomicFile::commit() {
  flush();
  // NFS says ENOENT of a rename that it has done, when it tries again.
  if (disk().rename(temporary_, path_) != 0 &&
      !(errno == ENOENT && is_same_file(descriptor_, path_)))
    throw_machine_error("rename", path_);
  close();
  flush_folder(path_.parent_path());
  was_written(path_);
}

void write_file(const fs::path& path, std::string_view text, Access access) {
  AtomicFile file(path, access);
  file.write(text);
  file.commit();
}

bool is_want_of_resources(int code) {
  return code == EMFILE || code == ENFILE || code == ENOMEM;
}

std::string read_file(const fs::path& path, std::size_t limit) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && is_want_of_resources(errno)) throw_machine_error("read", path);
  if (descriptor < 0)
    throw BadInput(path.string(), ProblemKind::unreadable_file,
                   fmt::format("cannot be opened: {}; check that it is there and "
                               "may be read",
                               std::strerror(errno)));
  std::string text;
  char buffer[16 * 1024];
  for (;;) {
    ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    int code = errno;
    if (got > 0) text.append(buffer, got);
    if (got > 0 && text.size() <= limit) continue;
    ::close(descriptor);
    if (got < 0)
      throw BadInput(path.string(), ProblemKind::unreadable_file,
                     fmt::format("cannot be read: {}", std::strerror(code)));
    if (text.size() > limit)
      throw BadInput(
          path.string(), ProblemKind::unreadable_file,
          fmt::format("is larger than {} bytes; check that it is the right file", limit));
    return text;
  }
}

}  // namespace nicohort
