#include "dataset/file_state.hpp"

#include <sys/stat.h>

#include "base/problem.hpp"

namespace nicohort {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileState from(const struct stat& status) {
  return {status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), status.st_ino};
}

}  // namespace

FileState state_of(const std::filesystem::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? from(status) : FileState();
}

FileState own_state_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return {};
  if (S_ISREG(status.st_mode)) return from(status);
  throw BadInput(file.string(), ProblemKind::layout,
                 "is a link, a folder or another special file, and nicohort does not use it; "
                 "replace it by the file itself, or remove it");
}

}  // namespace nicohort
