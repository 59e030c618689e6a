#include "dataset/cache.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "dataset/layout.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"
#include "dataset/token.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr std::streamsize longest_line = 1 << 16;
constexpr std::int64_t clock_ticks = 20'000'000;  // ns: two of the coarsest that Linux has

// A path as the caller names it, in 16 bytes: XXH3. Who could make two that are alike has no use of
// it, as the states of the files differ.
struct FileKey {
  static FileKey of(std::string_view path) { return {XXH3_128bits(path.data(), path.size())}; }
  bool operator==(const FileKey& other) const { return XXH128_isEqual(hash, other.hash); }

  XXH128_hash_t hash;
};
struct HashOfKey {
  std::size_t operator()(const FileKey& key) const noexcept { return key.hash.low64; }
};

// Of each file that the dataset and the archive have. Headers, which few of them have, are apart.
struct Entry {
  FileState state;
  Sha256Bytes sha256{};
  bool has_sha256 = false;
  bool is_news = false;  // this process found it out
};

// All bits, also of what is not a number.
json bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}
double number(const json& value) {
  return std::bit_cast<double>(value.get<std::uint64_t>());
}

json json_of(const Header& header) {
  const Geometry& g = header.geometry;
  json affine = json::array(), spacing = json::array();
  for (int i = 0; i < 16; ++i) affine.push_back(bits(g.affine.data()[i]));
  for (double value : g.spacing) spacing.push_back(bits(value));
  return {{"size", {g.size.x, g.size.y, g.size.z}},
          {"spacing", spacing},
          {"spacing_is_float", g.spacing_is_float},
          {"affine", affine},
          {"qform_code", g.qform_code},
          {"sform_code", g.sform_code},
          {"type", static_cast<int>(header.type)},
          {"swapped", header.swapped},
          {"slope", bits(header.slope)},
          {"inter", bits(header.inter)},
          {"contradiction", header.contradiction},
          {"channels", header.channels},
          {"data_offset", header.data_offset}};
}

Header header_from(const json& value) {
  Header header;
  Geometry& g = header.geometry;
  const auto size = value.at("size").get<std::array<std::int64_t, 3>>();
  g.size = {size[0], size[1], size[2]};
  for (std::size_t i = 0; i < 3; ++i) g.spacing[i] = number(value.at("spacing").at(i));
  g.spacing_is_float = value.at("spacing_is_float");
  for (std::size_t i = 0; i < 16; ++i) g.affine.data()[i] = number(value.at("affine").at(i));
  g.qform_code = value.at("qform_code");
  g.sform_code = value.at("sform_code");
  header.type = static_cast<DataType>(value.at("type").get<int>());
  if (name(header.type).empty()) throw BadInput(ProblemKind::unreadable_file, "no type of voxels");
  header.swapped = value.at("swapped");
  header.slope = number(value.at("slope"));
  header.inter = number(value.at("inter"));
  header.contradiction = value.at("contradiction");
  header.channels = value.at("channels");
  header.data_offset = value.at("data_offset");
  return header;
}

// header: nullptr if it is not known.
json json_of(const FileKey& key, const Entry& entry, const Header* header) {
  const FileState& state = entry.state;
  json value{{"key", fmt::format("{:016x}{:016x}", key.hash.high64, key.hash.low64)},
             {"state", {state.bytes, state.modified, state.changed}},
             {"inode", state.inode}};
  if (entry.has_sha256) value["sha256"] = hex_of(entry.sha256);
  if (header) value["header"] = json_of(*header);
  return value;
}

FileKey key_from(const json& value) {
  const auto& hex = value.get_ref<const std::string&>();
  FileKey key{};
  const char* const half = hex.data() + hex.size() / 2;
  const auto high = std::from_chars(hex.data(), half, key.hash.high64, 16),
             low = std::from_chars(half, hex.data() + hex.size(), key.hash.low64, 16);
  if (hex.size() != 32 || high.ptr != half || low.ptr != hex.data() + hex.size())
    throw BadInput(ProblemKind::unreadable_file, "no key");
  return key;
}

Entry entry_from(const json& value) {
  Entry entry;
  const auto state = value.at("state").get<std::array<std::int64_t, 3>>();
  entry.state = {state[0], state[1], state[2], value.at("inode").get<std::uint64_t>()};
  if (value.contains("sha256")) {
    const auto sha256 = sha256_bytes(value["sha256"].get<std::string>());
    if (!sha256) throw BadInput(ProblemKind::unreadable_file, "no SHA-256");
    entry.sha256 = *sha256;
    entry.has_sha256 = true;
  }
  return entry;
}

// Whether the file may have changed again in the same tick of the clock without anybody seeing it.
bool is_too_young(const FileState& state, std::int64_t now) {
  return std::max(state.modified, state.changed) >= now - clock_ticks;
}

std::int64_t clock_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct Cache::State {
  State(fs::path of, Headers of_headers)
      : dataset(std::move(of)), own(dataset), keeps_headers(of_headers == Headers::kept) {}

  fs::path dataset;
  OwnFolder own;
  bool keeps_headers;
  std::mutex mutex;
  std::unordered_map<FileKey, Entry, HashOfKey> entries;
  std::unordered_map<FileKey, std::shared_ptr<const Header>, HashOfKey> headers;
  std::map<std::string, std::string> notes;
  std::vector<fs::path> read_from;
  fs::path news;  // that this process wrote

  void read_line(const std::string& line, std::int64_t written) {
    const json value = parse_own_json(line);
    if (value.contains("note")) {
      notes[value["note"].get<std::string>()] = value.at("text").get<std::string>();
      return;
    }
    const Entry entry = entry_from(value);
    const FileKey key = key_from(value.at("key"));
    std::shared_ptr<const Header> header;
    if (keeps_headers && value.contains("header"))
      header = std::make_shared<const Header>(header_from(value["header"]));
    if (is_too_young(entry.state, written)) return;
    Entry& known = entry_of(key, entry.state);
    if (entry.has_sha256) put(entry.sha256, known);
    if (header) headers[key] = std::move(header);
  }

  void read_from_file(const fs::path& file) {
    const std::int64_t written = state_of(file).modified;
    std::ifstream lines(file);
    std::vector<char> line(longest_line);
    while (lines.getline(line.data(), longest_line) || (lines.gcount() > 0 && !lines.bad())) {
      if (lines.fail()) {  // longer than any of ours
        lines.clear();
        lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
        continue;
      }
      try {
        read_line(line.data(), written);
      } catch (const json::exception&) {  // a damaged line
      } catch (const BadInput&) {
      }
    }
    read_from.push_back(file);
  }

  // Later ones know better; of the same state of a file all of them know something.
  void read() {
    std::vector<std::pair<std::int64_t, fs::path>> files;
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(own.cache(), error))) return;
    for (fs::directory_iterator entry(own.cache(), error), end; !error && entry != end;
         entry.increment(error))
      if (entry->path().extension() == ".jsonl" &&
          entry->symlink_status().type() == fs::file_type::regular)
        files.emplace_back(state_of(entry->path()).modified, entry->path());
    std::sort(files.begin(), files.end());
    for (const auto& [time, file] : files) {
      try {
        read_from_file(file);
      } catch (const std::exception&) {  // it is a cache
      }
    }
  }

  // What is known of the file as it is; anew if it was another.
  Entry& entry_of(const FileKey& key, const FileState& now) {
    Entry& entry = entries[key];
    if (entry.state != now) {
      entry = {};
      entry.state = now;
      headers.erase(key);
    }
    return entry;
  }

  // nullptr: nothing is known of the file as it is.
  const Entry* find(const FileKey& key, const FileState& now) const {
    const auto found = entries.find(key);
    return found == entries.end() || found->second.state != now ? nullptr : &found->second;
  }

  std::shared_ptr<const Header> header_of(const FileKey& key) const {
    const auto found = headers.find(key);
    return found == headers.end() ? nullptr : found->second;
  }

  static void put(const Sha256Bytes& sha256, Entry& entry) {
    entry.sha256 = sha256;
    entry.has_sha256 = true;
  }

  // news_only: what this process found out.
  void write_lines(OutputFile& file, bool news_only) const {
    SmallPieces lines(file);
    const auto add = [&](const json& value) {
      lines.write(value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    };
    for (const auto& [key, entry] : entries) {
      if (news_only && !entry.is_news) continue;
      add(json_of(key, entry, header_of(key).get()));
    }
    if (!news_only)
      for (const auto& [name, note] : notes) add({{"note", name}, {"text", note}});
    lines.finish();
  }

  fs::path write(bool news_only) const {
    make_own_folder(dataset, own.cache());
    fs::path file = own.cache() / (make_token().text + ".jsonl");
    AtomicFile output(file);
    write_lines(output, news_only);
    output.commit();
    return file;
  }
};

Cache::Cache(const fs::path& dataset, Headers headers)
    : state_(std::make_unique<State>(dataset, headers)) {
  state_->read();
}
Cache::~Cache() = default;

std::optional<std::string> Cache::sha256(const std::string& key, const FileState& now) const {
  const std::lock_guard lock(state_->mutex);
  const Entry* const known = state_->find(FileKey::of(key), now);
  return known && known->has_sha256 ? std::optional(hex_of(known->sha256)) : std::nullopt;
}

std::shared_ptr<const Header> Cache::header(const std::string& key, const FileState& now) const {
  const std::lock_guard lock(state_->mutex);
  const FileKey of_file = FileKey::of(key);
  return state_->find(of_file, now) ? state_->header_of(of_file) : nullptr;
}

void Cache::put_sha256(const std::string& key, const FileState& now, const std::string& sha256) {
  if (!is_too_young(now, clock_now())) put_written(key, now, sha256);
}

void Cache::put_written(const std::string& key, const FileState& now, const std::string& sha256) {
  const auto bytes = sha256_bytes(sha256);
  if (!now.exists() || !bytes) return;
  const std::lock_guard lock(state_->mutex);
  Entry& entry = state_->entry_of(FileKey::of(key), now);
  State::put(*bytes, entry);
  entry.is_news = true;
}

void Cache::put_header(const std::string& key, const FileState& now,
                       std::shared_ptr<const Header> header) {
  if (!now.exists() || is_too_young(now, clock_now())) return;
  const std::lock_guard lock(state_->mutex);
  const FileKey of_file = FileKey::of(key);
  state_->entry_of(of_file, now).is_news = true;
  state_->headers[of_file] = std::move(header);
}

void Cache::forget_headers() {
  const std::lock_guard lock(state_->mutex);
  state_->headers = {};
}

std::string Cache::note(const std::string& name) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->notes.find(name);
  return found == state_->notes.end() ? "" : found->second;
}

void Cache::put_note(const std::string& name, const std::string& text) {
  const std::lock_guard lock(state_->mutex);
  state_->notes[name] = text;
}

void Cache::save() {
  const std::lock_guard lock(state_->mutex);
  try {
    const fs::path file = state_->write(false);
    for (const fs::path& old : state_->read_from) disk().unlink(old);
    state_->read_from = {file};
  } catch (const MachineError&) {  // it is a cache
  } catch (const BadInput&) {
  }
}

void Cache::save_news() {
  const std::lock_guard lock(state_->mutex);
  if (std::none_of(state_->entries.begin(), state_->entries.end(),
                   [](const auto& known) { return known.second.is_news; }))
    return;
  try {
    const fs::path file = state_->write(true);
    if (!state_->news.empty()) disk().unlink(state_->news);
    state_->news = file;
  } catch (const MachineError&) {
  } catch (const BadInput&) {
  }
}

}  // namespace nicohort
