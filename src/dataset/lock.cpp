#include "dataset/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/interrupt.hpp"
#include "dataset/flock_reach.hpp"
#include "dataset/layout.hpp"
#include "dataset/lease.hpp"
#include "dataset/own_folders.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Mode = DatasetLock::Mode;

bool is_refused(int code) {
  return code == EROFS || code == EACCES || code == EPERM || code == ENOENT;
}

bool excludes(Mode one, Mode other) {
  return one == Mode::alone || other == Mode::alone;
}

std::string raw_text(const fs::path& file) {
  try {
    return read_file(file, 4096);
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

struct DatasetLock::State {
  State(fs::path of, Mode wanted, Listener& told, const LockOptions& how)
      : dataset(std::move(of)), mode(wanted), listener(told), options(how), own(dataset) {}

  fs::path dataset;
  Mode mode;
  Listener& listener;
  LockOptions options;
  OwnFolder own;
  Token token = make_token();
  int descriptor = -1;
  bool has_flock = false;
  std::unique_ptr<Lease> lease;

  ~State() {
    lease.reset();  // while the lock is held: nobody finds a lease of one who is gone
    if (descriptor >= 0) ::close(descriptor);
  }

  // Whether there is a lock file to hold.
  bool open_file() {
    require_own_folder(dataset, own.leases());
    try {
      make_folders(own.leases());
    } catch (const MachineError&) {
      if (mode == Mode::alone) throw;  // a reader may not be allowed to
    }
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    descriptor = ::open(own.lock().c_str(), O_RDWR | O_CREAT | flags, 0666);
    const bool is_reader = mode == Mode::together && descriptor < 0 && is_refused(errno);
    if (is_reader) descriptor = ::open(own.lock().c_str(), O_RDONLY | flags);
    if (descriptor < 0 && is_reader) return false;
    struct stat status {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0)
      throw_machine_error("open", own.lock());
    if (!S_ISREG(status.st_mode))
      throw MachineError(own.lock().string() + " is not a regular file; remove it");
    return true;
  }

  void take_flock(Mode wanted) {
    const int operation = (wanted == Mode::alone ? LOCK_EX : LOCK_SH) | LOCK_NB;
    int code = 0;
    do {
      code = disk().flock(descriptor, operation) == 0 ? 0 : errno;
    } while (code == EINTR);
    if (code == EWOULDBLOCK) throw_busy(text_of(other_holders(own.leases(), token.text)));
    const bool is_carried = options.carries_flock.value_or(carries_flock(own.path()));
    has_flock = code == 0 && is_carried;
    if (has_flock || mode != wanted) return;
    listener.warning(fmt::format(
        "{}: {}. Lease files are used instead of locks; all commands must see the same files",
        dataset.string(),
        code != 0 ? fmt::format("this disk has no file locks ({})", std::strerror(code))
                  : "file locks on this disk may not work between machines"));
  }

  [[noreturn]] void throw_busy(const std::string& who) const {
    throw DatasetBusy(
        fmt::format("another nicohort process is using {}: {}; wait until it has finished, and run "
                    "the same command again",
                    dataset.string(), who.empty() ? "it has just started" : who));
  }

  // Throws DatasetBusy unless the lease's holder excludes nobody, or is dead; that one's is
  // removed.
  void pass(const fs::path& file) const {
    std::optional<LeaseHolder> holder = read_lease(file);
    if (holder && holder->has_flock && has_flock) {
      if (mode == Mode::alone) ::unlink(file.c_str());  // flock(2) says that he is gone
      return;
    }
    std::string last = raw_text(file);
    auto since = std::chrono::steady_clock::now();
    bool is_told = false;
    for (bool is_here = false;;
         std::this_thread::sleep_for(is_here ? options.times.look / 50 : options.times.look)) {
      stop_if_interrupted();
      std::error_code error;
      if (!fs::exists(fs::symlink_status(file, error))) return;
      holder = read_lease(file);
      if (holder && !excludes(mode, holder->mode)) return;
      if (holder && is_gone(holder->token)) break;
      is_here = holder && holder->token.boot == token.boot;
      const std::string text = raw_text(file);
      const bool is_alive = is_here || (holder && text != last);
      // Of two that look at each other one withdraws.
      const bool withdraws = holder && holder->wants && token.text < holder->token.text;
      if (is_alive && !withdraws) throw_busy(text_of(*holder));
      const auto now = std::chrono::steady_clock::now();
      if (text != std::exchange(last, text)) since = now;
      if (!is_here && now - since >= options.times.dead) break;
      if (!is_here && !std::exchange(is_told, true))
        listener.warning(fmt::format(
            "{}: waiting for {}, at most {} s, to see whether it is still running",
            dataset.string(), holder ? text_of(*holder) : file.string(),
            std::chrono::duration_cast<std::chrono::seconds>(options.times.dead).count()));
    }
    ::unlink(file.c_str());
  }

  void take_lease() {
    try {
      const LeaseHolder holder{token, "", mode, has_flock, !has_flock, options.shard, 0};
      lease = std::make_unique<Lease>(own.leases(), holder, options.times.beat);
    } catch (const MachineError&) {
      if (has_flock) return;  // it would only say who is here
      if (mode == Mode::together && ::access(own.leases().c_str(), W_OK) != 0) return;
      throw;
    }
    for (const fs::path& file : other_leases(own.leases(), token.text)) pass(file);
    if (!has_flock) lease->hold();
  }
};

DatasetLock::DatasetLock(const fs::path& dataset, Mode mode, Listener& listener,
                         const LockOptions& options)
    : state_(std::make_unique<State>(dataset, mode, listener, options)) {
  if (!state_->open_file()) return;
  state_->take_flock(mode);
  state_->take_lease();
}
DatasetLock::~DatasetLock() = default;

void DatasetLock::share() {
  state_->mode = Mode::together;
  if (state_->has_flock) state_->take_flock(Mode::together);
  if (state_->lease) state_->lease->set_mode(Mode::together);
}

const Token& DatasetLock::token() const {
  return state_->token;
}

}  // namespace nicohort
