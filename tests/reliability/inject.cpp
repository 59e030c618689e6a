// Makes system calls go wrong on purpose; loaded into the program with LD_PRELOAD.
//
//   INJECT_CALL   open, read, write, flock, fsync, rename, mkdir, stat, malloc (of 64 KiB or more)
//                 or thread (pthread_create)
//   INJECT_PATH   only calls on a file whose path has this in it; thread: by a library with
//                 such a path
//   INJECT_SKIP   as many of these calls go well first
//   INJECT_TIMES  as many go wrong then; 0: all that follow
//   INJECT_DO     what happens: error N (errno), signal N, short (half the bytes), truncate (the
//                 file, to its half), remove (the file), replace (the file, by path.next), done N
//                 (rename: does it and says errno); after signal, truncate, remove and replace the
//                 call itself goes on
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class Verdict { go_on, fail, shorten, deny };

// Read before main(), without memory of its own: malloc may be the call that goes wrong.
struct Plan {
  const char* call = variable("INJECT_CALL");
  const char* path = variable("INJECT_PATH");
  const char* action = variable("INJECT_DO");
  long skip = std::atol(variable("INJECT_SKIP")), times = std::atol(variable("INJECT_TIMES"));

  static const char* variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
  }
  bool is(const char* word) const { return std::strncmp(action, word, std::strlen(word)) == 0; }
  int number() const { return std::atoi(std::strchr(action, ' ') + 1); }
};

const Plan& plan() {
  static const Plan plan;
  return plan;
}

std::atomic<long> calls = 0;

// The test asks for what cannot be done.
[[noreturn]] void give_up(const char* path) {
  std::perror(path);
  std::abort();
}

// Decides on one call and does what has to be done to the file.
Verdict decide(const char* call, const char* path) {
  if (std::strcmp(call, plan().call) != 0 || !std::strstr(path, plan().path)) return Verdict::go_on;
  const long turn = calls++ - plan().skip;
  if (turn < 0 || (plan().times > 0 && turn >= plan().times)) return Verdict::go_on;
  if (plan().is("short")) return Verdict::shorten;
  if (plan().is("done")) return Verdict::deny;
  if (plan().is("error")) {
    errno = plan().number();
    return Verdict::fail;
  }
  if (plan().is("signal")) ::kill(::getpid(), plan().number());
  if (plan().is("remove")) ::unlink(path);
  struct stat status {};
  if (plan().is("truncate") && ::stat(path, &status) == 0 && ::truncate(path, status.st_size / 2))
    give_up(path);
  if (plan().is("replace")) {
    char next[PATH_MAX + 8];
    std::snprintf(next, sizeof next, "%s.next", path);
    if (::renameat(AT_FDCWD, next, AT_FDCWD, path)) give_up(next);
  }
  return Verdict::go_on;
}

Verdict decide(const char* call, int descriptor) {
  if (std::strcmp(call, plan().call) != 0) return Verdict::go_on;
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length < 0) return Verdict::go_on;
  path[length] = 0;
  return decide(call, path);
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

// All of a call's names come here.
int open_as(const char* name, int folder, const char* path, int flags, va_list rest) {
  const mode_t mode = mode_of(flags, rest);
  if (decide("open", path) == Verdict::fail) return -1;
  return real<int (*)(int, const char*, int, ...)>(name)(folder, path, flags, mode);
}

std::FILE* fopen_as(const char* name, const char* path, const char* mode) {
  if (decide("open", path) == Verdict::fail) return nullptr;
  return real<std::FILE* (*)(const char*, const char*)>(name)(path, mode);
}

std::size_t bytes_for(Verdict verdict, std::size_t bytes) {
  return verdict == Verdict::shorten ? (bytes + 1) / 2 : bytes;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int descriptor = open_as("openat", AT_FDCWD, path, flags, rest);
  va_end(rest);
  return descriptor;
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int descriptor = open_as("openat64", AT_FDCWD, path, flags, rest);
  va_end(rest);
  return descriptor;
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int descriptor = open_as("openat", folder, path, flags, rest);
  va_end(rest);
  return descriptor;
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int descriptor = open_as("openat64", folder, path, flags, rest);
  va_end(rest);
  return descriptor;
}

std::FILE* fopen(const char* path, const char* mode) {
  return fopen_as("fopen", path, mode);
}

std::FILE* fopen64(const char* path, const char* mode) {
  return fopen_as("fopen64", path, mode);
}

ssize_t read(int descriptor, void* into, std::size_t bytes) {
  const Verdict verdict = decide("read", descriptor);
  if (verdict == Verdict::fail) return -1;
  return real<ssize_t (*)(int, void*, std::size_t)>("read")(descriptor, into,
                                                            bytes_for(verdict, bytes));
}

ssize_t write(int descriptor, const void* from, std::size_t bytes) {
  const Verdict verdict = decide("write", descriptor);
  if (verdict == Verdict::fail) return -1;
  return real<ssize_t (*)(int, const void*, std::size_t)>("write")(descriptor, from,
                                                                   bytes_for(verdict, bytes));
}

int flock(int descriptor, int operation) noexcept {
  if (decide("flock", descriptor) == Verdict::fail) return -1;
  return real<int (*)(int, int)>("flock")(descriptor, operation);
}

int fsync(int descriptor) {
  if (decide("fsync", descriptor) == Verdict::fail) return -1;
  return real<int (*)(int)>("fsync")(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  const Verdict verdict = decide("rename", to);
  if (verdict == Verdict::fail) return -1;
  const int result = real<int (*)(const char*, const char*)>("rename")(from, to);
  if (verdict != Verdict::deny) return result;
  errno = plan().number();
  return -1;
}

int stat(const char* path, struct stat* status) noexcept {
  if (decide("stat", path) == Verdict::fail) return -1;
  return ::fstatat(AT_FDCWD, path, status, 0);
}

int lstat(const char* path, struct stat* status) noexcept {
  if (decide("stat", path) == Verdict::fail) return -1;
  return ::fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (decide("mkdir", path) == Verdict::fail) return -1;
  return real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*),
                   void* argument) noexcept {
  Dl_info caller{};
  if (::dladdr(__builtin_return_address(0), &caller) != 0 &&
      decide("thread", caller.dli_fname) == Verdict::fail)
    return errno;
  return real<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>(
      "pthread_create")(thread, attributes, work, argument);
}

void* __libc_malloc(std::size_t bytes);

void* malloc(std::size_t bytes) noexcept {
  if (bytes >= 64 * 1024 && decide("malloc", "") == Verdict::fail) return nullptr;
  return __libc_malloc(bytes);
}

}  // extern "C"
