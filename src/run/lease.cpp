#include "run/lease.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr std::string_view ending = ".lease";
constexpr std::size_t largest = 64 * 1024;
constexpr std::chrono::milliseconds look_again{500};

std::string first_line(const fs::path& file) {
  try {
    const std::string text = read_file(file, largest);
    return text.substr(0, text.find('\n'));
  } catch (const BadInput&) {
    return "";
  }
}

// The boot of the machine and the process numbers that count there: in a container they are others.
std::string this_machine() {
  std::error_code error;
  return first_line("/proc/sys/kernel/random/boot_id") + " " +
         fs::read_symlink("/proc/self/ns/pid", error).string();
}

// When the process was started, in ticks since the boot, from proc(5); empty: it is not there.
// Another one may have got its number since.
std::string start_of(long process) {
  const std::string stat = first_line(fmt::format("/proc/{}/stat", process));
  std::size_t at = stat.rfind(')');  // behind the command's name
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  return at == std::string::npos ? "" : stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

struct Holder {
  std::string host, machine, started, since;
  long process = 0;
  bool is_alone = true;

  std::string text() const {
    return fmt::format("process {} on {} since {}", process, host, since);
  }
};

// Nothing for one that is just being written, or that somebody else made.
std::optional<Holder> holder_in(const std::string& text) {
  try {
    const json lease = json::parse(text);
    return Holder{lease.at("host"),  lease.at("machine"), lease.at("started"),
                  lease.at("since"), lease.at("process"), lease.at("mode") != "together"};
  } catch (const json::exception&) {
    return {};
  }
}

class SteadyClock final : public LeaseClock {
 public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }
  void wait(std::chrono::milliseconds time) override {
    std::this_thread::sleep_for(time);
    stop_if_interrupted();
  }
};

// The text of another's lease; nothing if it is gone. One that cannot be read has none, and
// dies as others do.
std::optional<std::string> text_of(int folder, const std::string& name) {
  const int descriptor =
      ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return errno == ENOENT ? std::nullopt : std::optional<std::string>("");
  std::string text(largest, '\0');
  const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
  ::close(descriptor);
  text.resize(std::max<ssize_t>(got, 0));
  return text;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (const std::string name = entry->path().filename(); name.ends_with(ending))
      names.push_back(name);
  if (error)  // who is not seen might be there
    throw MachineError(
        fmt::format("cannot list {}: {}; check its permissions, and start the same "
                    "command again",
                    folder.string(), error.message()));
  return names;
}

std::string new_name() {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}{}", ::getpid(), random(), random(), ending);
}

}  // namespace

LeaseClock& LeaseClock::of_machine() {
  static SteadyClock clock;
  return clock;
}

Lease::Lease(const fs::path& folder, Mode mode, LeaseClock& clock)
    : folder_(folder),
      mode_(mode),
      name_(new_name()),
      since_(fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::time(nullptr)))),
      renewed_(clock.now()) {
  std::error_code error;
  if (fs::is_symlink(folder, error))
    throw BadInput(folder.string(), "is a symbolic link; remove it");
  // Who goes takes the folder away if it is empty.
  for (int attempt = 0; descriptor_ < 0 && attempt < 100; ++attempt) {
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      throw_machine_error("make the folder", folder);
    if (folder_descriptor_ >= 0) ::close(folder_descriptor_);
    folder_descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder_descriptor_ < 0 && errno != ENOENT) throw_machine_error("open the folder", folder);
    descriptor_ = ::openat(folder_descriptor_, name_.c_str(),
                           O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor_ < 0 && errno != ENOENT && errno != EBADF) break;
  }
  try {
    if (descriptor_ < 0) throw_machine_error("write", folder / name_);
    put();
    look_at_others(clock);
  } catch (...) {
    let_go();
    throw;
  }
}

Lease::~Lease() {
  let_go();
}

void Lease::let_go() {
  if (descriptor_ >= 0) {
    ::unlinkat(folder_descriptor_, name_.c_str(), 0);
    ::close(descriptor_);
    ::rmdir(folder_.c_str());  // if it is empty
  }
  if (folder_descriptor_ >= 0) ::close(folder_descriptor_);
}

// In one piece at the beginning of the file; it never gets shorter.
void Lease::put() {
  const json lease{{"host", host_name()},   {"machine", this_machine()},
                   {"process", ::getpid()}, {"started", start_of(::getpid())},
                   {"since", since_},       {"mode", mode_ == Mode::alone ? "alone" : "together"},
                   {"renewed", counter_++}};
  const std::string text = lease.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw_machine_error("write", folder_ / name_);
  ::fsync(descriptor_);  // other machines see it
}

bool Lease::renew() {
  struct stat own {
  }, named{};
  if (::fstat(descriptor_, &own) != 0 ||
      ::fstatat(folder_descriptor_, name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
      own.st_ino != named.st_ino)
    return false;
  try {
    put();
  } catch (const MachineError&) {  // a disk that is full for a while; the next time counts
  }
  return true;
}

// Those that come later look at this one.
void Lease::look_at_others(LeaseClock& clock) {
  for (const std::string& name : names_in(folder_)) {
    if (name == name_) continue;
    const auto text = text_of(folder_descriptor_, name);
    const auto holder = text ? holder_in(*text) : std::nullopt;
    if (!text || (holder && !holder->is_alone && mode_ == Mode::together)) continue;
    if (is_living(name, clock))
      throw Busy(holder ? holder->text() : "of which nothing is known yet");
    ::unlinkat(folder_descriptor_, name.c_str(), 0);
  }
}

bool Lease::is_living(const std::string& name, LeaseClock& clock) {
  const auto seen_first = text_of(folder_descriptor_, name);
  const auto begun = clock.now();
  while (clock.now() - begun < lease_is_dead_after) {
    const auto text = text_of(folder_descriptor_, name);
    if (!text) return false;
    const auto holder = holder_in(*text);
    if (holder && holder->machine == this_machine())
      return !holder->started.empty() && start_of(holder->process) == holder->started;
    if (text != seen_first) return true;
    clock.wait(look_again);
    if (clock.now() - renewed_ < lease_is_renewed_every) continue;
    renewed_ = clock.now();
    if (!renew()) throw Busy("which took this one for dead");
  }
  return false;
}

KeptLease::KeptLease(const fs::path& folder, Lease::Mode mode)
    : lease_(folder, mode), thread_([this] { keep(); }) {}

KeptLease::~KeptLease() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void KeptLease::keep() {
  std::unique_lock lock(mutex_);
  while (!ending_.wait_for(lock, lease_is_renewed_every, [this] { return is_ending_; })) {
    if (lease_.renew()) continue;
    fmt::print(stderr,
               "nicohort: another nicohort took this one for dead and is at work in its place; "
               "this one stops\n");
    ::kill(::getpid(), SIGTERM);
    return;
  }
}

}  // namespace nicohort
