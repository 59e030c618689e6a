// What may be left of files when the power fails: names and bytes that were not flushed are there
// or not, each for itself.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/disk.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort::testing {

// One call that changed files; paths are below the folder that is watched.
struct LoggedCall {
  std::string name;
  std::filesystem::path path, to;
  std::string bytes;
  timespec time{};
};

inline timespec time_of(const std::filesystem::path& file) {
  struct stat status {};
  ::lstat(file.c_str(), &status);
  return status.st_mtim;
}

// Logs the calls that go well. Ends the process at the call of this number.
class LoggingDisk final : public Disk {
 public:
  LoggingDisk(std::filesystem::path root, std::vector<LoggedCall>& log, int killed_at = -1)
      : root_(std::move(root)), log_(log), killed_at_(killed_at) {
    replace_disk(this);
  }
  ~LoggingDisk() override { replace_disk(nullptr); }

  int create(const std::filesystem::path& file, int flags, mode_t mode) override {
    if (!lives()) return -1;
    return logged({"create", below(file), {}, "", {}}, Disk::create(file, flags, mode));
  }
  ssize_t write(int descriptor, const void* bytes, std::size_t count) override {
    if (!lives()) return -1;
    const ssize_t done = Disk::write(descriptor, bytes, count);
    const std::filesystem::path file = TestDisk::path_of(descriptor);
    logged({"write",
            below(file),
            {},
            {static_cast<const char*>(bytes), std::size_t(done)},
            time_of(file)},
           0);
    return done;
  }
  int fsync(int descriptor) override {
    if (!lives()) return -1;
    return logged({"fsync", below(TestDisk::path_of(descriptor)), {}, "", {}}, 0);
  }
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (!lives()) return -1;
    return logged({"rename", below(from), below(to), "", {}}, Disk::rename(from, to));
  }
  int mkdir(const std::filesystem::path& folder) override {
    if (!lives()) return -1;
    return logged({"mkdir", below(folder), {}, "", {}}, Disk::mkdir(folder));
  }
  int unlink(const std::filesystem::path& file) override {
    if (!lives()) return -1;
    return logged({"unlink", below(file), {}, "", {}}, Disk::unlink(file));
  }
  int rmdir(const std::filesystem::path& folder) override {
    if (!lives()) return -1;
    return logged({"unlink", below(folder), {}, "", {}}, Disk::rmdir(folder));
  }

 private:
  std::filesystem::path below(const std::filesystem::path& path) const {
    return path.lexically_normal().lexically_relative(root_);
  }
  bool lives() {
    errno = EIO;
    if (is_dead_) return false;
    if (number_++ == killed_at_) {
      is_dead_ = true;
      throw Killed();
    }
    return true;
  }
  int logged(LoggedCall call, int result) {
    const int code = errno;
    if (result >= 0) log_.push_back(std::move(call));
    errno = code;
    return result;
  }

  std::filesystem::path root_;
  std::vector<LoggedCall>& log_;
  int killed_at_, number_ = 0;
  bool is_dead_ = false;
};

// The worst disk that there may be: flushing a file does not bring its name to the disk; a rename
// from one folder into another is a new name, and the old one's going, each brought to the disk
// with its folder, but never the old one's going alone.
class SimulatedDisk {
 public:
  // All that is there now is on the disk.
  explicit SimulatedDisk(const std::filesystem::path& root) { load(root, 0); }

  void apply(const LoggedCall& call) {
    const auto [folder, name] = parent(call.path);
    if (call.name == "create" || call.name == "mkdir") {
      if (nodes_[folder].live.contains(name)) return;  // opened again
      nodes_.emplace_back().is_folder = call.name == "mkdir";
      change({folder, "", name, int(nodes_.size()) - 1});
    } else if (call.name == "write") {
      Node& file = nodes_[find(call.path)];
      file.bytes += call.bytes;
      file.time = call.time;
    } else if (call.name == "unlink") {
      change({folder, name, "", -1});
    } else if (call.name == "rename") {
      const auto [to_folder, to_name] = parent(call.to);
      const int node = find(call.path);
      if (folder == to_folder) {
        change({folder, name, to_name, node});
      } else {
        change({to_folder, "", to_name, node});
        change({folder, name, "", -1, int(changes_.size()) - 1});
      }
    } else if (call.name == "fsync") {
      flush(find(call.path));
    }
  }

  // Folders that the disk has under two names.
  using Twins = std::vector<std::pair<std::filesystem::path, std::filesystem::path>>;

  // Makes what the power cut may leave.
  Twins leave(const std::filesystem::path& root, std::mt19937& random) const {
    std::vector<std::map<std::string, int>> entries(nodes_.size());
    std::vector<bool> is_there(changes_.size());
    const double kept = std::array{0.05, 0.5, 0.95}[random() % 3];
    std::bernoulli_distribution keep(kept);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const Change& change = changes_[i];
      is_there[i] =
          (change.is_flushed || keep(random)) && (change.after < 0 || is_there[change.after]);
      if (!is_there[i]) continue;
      if (!change.gone.empty()) entries[change.folder].erase(change.gone);
      if (!change.name.empty()) entries[change.folder][change.name] = change.node;
    }
    Twins twins;
    std::map<int, std::filesystem::path> made;
    put(0, root, entries, random, made, twins, 0);
    return twins;
  }

 private:
  struct Node {
    bool is_folder = true;
    std::string bytes;
    std::size_t flushed_bytes = 0;
    timespec time{};
    std::map<std::string, int> live;  // as the processes see it
  };
  struct Change {
    int folder = 0;
    std::string gone, name;
    int node = -1;
    int after = -1;  // another change, without which this one is not
    bool is_flushed = false;
  };

  int load(const std::filesystem::path& path, int depth) {
    const int number = static_cast<int>(nodes_.size());
    nodes_.emplace_back();
    if (!std::filesystem::is_directory(path)) {
      nodes_[number].is_folder = false;
      nodes_[number].bytes = bytes_of(path);
      nodes_[number].flushed_bytes = nodes_[number].bytes.size();
      nodes_[number].time = time_of(path);
      return number;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const int node = load(entry.path(), depth + 1);
      change({number, "", entry.path().filename().string(), node});
      changes_.back().is_flushed = true;
    }
    return number;
  }

  int find(const std::filesystem::path& path) const {
    int node = 0;
    for (const auto& name : path)
      if (name != "." && !name.empty()) node = nodes_[node].live.at(name.string());
    return node;
  }
  std::pair<int, std::string> parent(const std::filesystem::path& path) const {
    return {find(path.parent_path()), path.filename().string()};
  }

  void change(Change change) {
    auto& live = nodes_[change.folder].live;
    if (!change.gone.empty()) live.erase(change.gone);
    if (!change.name.empty()) live[change.name] = change.node;
    changes_.push_back(std::move(change));
  }

  void flush(int node) {
    nodes_[node].flushed_bytes = nodes_[node].bytes.size();
    if (!nodes_[node].is_folder) return;
    for (Change& change : changes_)
      if (change.folder == node) change.is_flushed = true;
  }

  void put(int node, const std::filesystem::path& path,
           const std::vector<std::map<std::string, int>>& entries, std::mt19937& random,
           std::map<int, std::filesystem::path>& made, Twins& twins, int depth) const {
    if (!nodes_[node].is_folder) {
      const Node& file = nodes_[node];
      const std::size_t unsure = file.bytes.size() - file.flushed_bytes;
      std::string bytes = file.bytes;
      if (unsure > 0 && random() % 2) bytes.resize(file.flushed_bytes + random() % unsure);
      if (unsure > 0 && random() % 4 == 0 && !bytes.empty()) bytes.back() = '\0';
      std::ofstream(path, std::ios::binary) << bytes;
      const timespec times[2] = {file.time, file.time};
      ::utimensat(AT_FDCWD, path.c_str(), times, 0);
      return;
    }
    const auto [first, is_new] = made.try_emplace(node, path);
    if (!is_new) twins.emplace_back(first->second, path);
    std::filesystem::create_directories(path);
    if (depth > 10) return;
    for (const auto& [name, child] : entries[node])
      put(child, path / name, entries, random, made, twins, depth + 1);
  }

  std::vector<Node> nodes_;
  std::vector<Change> changes_;
};

// What is removed from a folder goes from its twin, too.
class TwinDisk final : public Disk {
 public:
  explicit TwinDisk(SimulatedDisk::Twins twins) : twins_(std::move(twins)) { replace_disk(this); }
  ~TwinDisk() override { replace_disk(nullptr); }

  int fsync(int) override { return 0; }
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    const int result = Disk::rename(from, to);
    if (result != 0) return result;
    for_twins_of(from, [](const auto& other) { ::unlink(other.c_str()); });
    for (auto& [a, b] : twins_) {
      a = moved(a, from, to);
      b = moved(b, from, to);
    }
    return result;
  }
  int unlink(const std::filesystem::path& file) override {
    for_twins_of(file, [](const auto& other) { ::unlink(other.c_str()); });
    return Disk::unlink(file);
  }

 private:
  static bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
    return path.string().starts_with(folder.string() + "/");
  }
  static std::filesystem::path moved(const std::filesystem::path& path,
                                     const std::filesystem::path& from,
                                     const std::filesystem::path& to) {
    if (path == from) return to;
    return is_below(path, from) ? to / path.lexically_relative(from) : path;
  }
  template <class Do>
  void for_twins_of(const std::filesystem::path& file, Do&& act) {
    for (const auto& [a, b] : twins_) {
      if (is_below(file, a)) act(b / file.lexically_relative(a));
      if (is_below(file, b)) act(a / file.lexically_relative(b));
    }
  }

  SimulatedDisk::Twins twins_;
};

}  // namespace nicohort::testing
