#include "dataset/lease.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"
#include "base/wording.hpp"
#include "dataset/own_json.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr std::size_t lease_bytes = 4096;

// Always as many bytes, so that a reader finds a whole one.
std::string lease_text(const LeaseHolder& holder) {
  std::string text = json{
      {"host", holder.token.host},
      {"boot", holder.token.boot},
      {"process", holder.token.process},
      {"started", holder.token.started},
      {"since", holder.since},
      {"mode", holder.mode == DatasetLock::Mode::alone ? "alone" : "together"},
      {"has_flock", holder.has_flock},
      {"wants", holder.wants},
      {"shard", holder.shard},
      {"beats",
       holder.beats}}.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize(std::max<std::size_t>(text.size(), 511), ' ');
  return text + "\n";
}

}  // namespace

std::string text_of(const LeaseHolder& holder) {
  return fmt::format("process {} on {} since {}{}", holder.token.process, holder.token.host,
                     holder.since,
                     holder.shard.empty() ? "" : fmt::format(" (shard {})", holder.shard));
}

std::string text_of(const std::vector<LeaseHolder>& holders) {
  std::vector<std::string> texts;
  for (const LeaseHolder& holder : holders) texts.push_back(text_of(holder));
  return some_of(texts, 3);
}

Lease::Lease(const fs::path& folder, LeaseHolder holder, std::chrono::milliseconds every)
    : file_(folder / holder.token.text), holder_(std::move(holder)) {
  holder_.since = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::time(nullptr)));
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_machine_error("write", file_);
  if (!write()) {
    const int code = errno;
    ::close(descriptor_);
    ::unlink(file_.c_str());
    errno = code;
    throw_machine_error("write", file_);
  }
  thread_ = std::thread([this, every] { beat(every); });
}

Lease::~Lease() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  over_.notify_all();
  thread_.join();
  ::close(descriptor_);
  ::unlink(file_.c_str());
}

void Lease::set_mode(DatasetLock::Mode mode) {
  const std::lock_guard lock(mutex_);
  holder_.mode = mode;
  write();
}

void Lease::hold() {
  const std::lock_guard lock(mutex_);
  holder_.wants = false;
  write();
}

// In place: a name that came and went would look like another lease. Flushed where others decide by
// it, and status tells it: NFS may keep it on this machine for half a minute.
bool Lease::write() {
  ++holder_.beats;
  const std::string text = lease_text(holder_);
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != ssize_t(text.size())) return false;
  if (!holder_.has_flock || !holder_.shard.empty()) ::fdatasync(descriptor_);
  return true;
}

void Lease::beat(std::chrono::milliseconds every) {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, every, [&] { return is_over_; })) write();
}

std::optional<LeaseHolder> read_lease(const fs::path& file) {
  try {
    if (!fs::is_regular_file(fs::symlink_status(file))) return {};
    const json value = parse_own_json(read_file(file, lease_bytes));
    LeaseHolder holder;
    holder.token = {value.at("host"), value.at("boot"), value.at("process"), value.at("started"),
                    file.filename().string()};
    holder.since = value.at("since");
    holder.mode =
        value.at("mode") == "alone" ? DatasetLock::Mode::alone : DatasetLock::Mode::together;
    holder.has_flock = value.at("has_flock");
    holder.wants = value.value("wants", false);
    holder.shard = value.value("shard", "");
    holder.beats = value.at("beats");
    return holder;
  } catch (const std::exception&) {
    return {};
  }
}

std::vector<fs::path> other_leases(const fs::path& folder, const std::string& own) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->path().filename() != own && fs::is_regular_file(entry->symlink_status(gone)))
      files.push_back(entry->path());
  }
  if (error) {
    errno = error.value();
    throw_machine_error("list", folder);
  }
  return files;
}

std::vector<LeaseHolder> other_holders(const fs::path& folder, const std::string& own) {
  std::vector<LeaseHolder> holders;
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(folder, error))) return holders;
  for (const fs::path& file : other_leases(folder, own))
    if (auto holder = read_lease(file); holder && !is_gone(holder->token))
      holders.push_back(std::move(*holder));
  return holders;
}

std::vector<LeaseHolder> living_holders(const fs::path& folder, const LeaseTimes& times) {
  std::vector<LeaseHolder> living, elsewhere;
  const std::string here = make_token().boot;
  std::error_code error;
  for (LeaseHolder& holder : other_holders(folder, ""))
    (holder.token.boot == here ? living : elsewhere).push_back(std::move(holder));
  // One flush of a slow disk is allowed for.
  const auto end = std::chrono::steady_clock::now() + 2 * times.beat;
  while (!elsewhere.empty() && std::chrono::steady_clock::now() < end) {
    stop_if_interrupted();
    std::this_thread::sleep_for(times.look);
    std::erase_if(elsewhere, [&](const LeaseHolder& before) {
      const fs::path file = folder / before.token.text;
      const auto now = read_lease(file);
      if (!now) return !fs::exists(fs::symlink_status(file, error));
      if (now->beats != before.beats) living.push_back(*now);
      return now->beats != before.beats;
    });
  }
  return living;
}

}  // namespace nicohort
