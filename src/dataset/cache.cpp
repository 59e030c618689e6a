#include "dataset/cache.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "dataset/layout.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"
#include "dataset/token.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr std::size_t cache_bytes = std::size_t{1} << 30;
constexpr std::size_t written_bytes = std::size_t{1} << 20;  // at a time
constexpr std::int64_t clock_ticks = 20'000'000;  // ns: two of the coarsest that Linux has

struct Entry {
  FileState state;
  std::string sha256;
  std::unique_ptr<Header> header;  // of an image of the archive, which few files are
  bool is_news = false;            // this process found it out
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
  explicit State(fs::path of) : dataset(std::move(of)), own(dataset) {}

  fs::path dataset;
  OwnFolder own;
  std::mutex mutex;
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> notes;
  std::vector<fs::path> read_from;
  fs::path news;  // that this process wrote

  void read_line(const std::string& line, std::int64_t written) {
    const json value = parse_own_json(line);
    if (value.contains("note")) {
      notes[value["note"].get<std::string>()] = value.at("text").get<std::string>();
      return;
    }
    Entry entry;
    const auto state = value.at("state").get<std::array<std::int64_t, 3>>();
    entry.state = {state[0], state[1], state[2], value.at("inode").get<std::uint64_t>()};
    if (is_too_young(entry.state, written)) return;
    if (value.contains("sha256")) entry.sha256 = value["sha256"];
    if (value.contains("header"))
      entry.header = std::make_unique<Header>(header_from(value["header"]));
    Entry& known = entry_of(value.at("key").get<std::string>(), entry.state);
    if (!entry.sha256.empty()) known.sha256 = std::move(entry.sha256);
    if (entry.header) known.header = std::move(entry.header);
  }

  void read_from_file(const fs::path& file) {
    const std::int64_t written = state_of(file).modified;
    const std::string text = read_file(file, cache_bytes);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      try {
        read_line(text.substr(at, end - at), written);
      } catch (const json::exception&) {  // a damaged line
      } catch (const BadInput&) {
      }
      at = end + 1;
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
  Entry& entry_of(const std::string& key, const FileState& now) {
    Entry& entry = entries[key];
    if (entry.state != now) entry = {now, "", nullptr, false};
    return entry;
  }

  // news_only: what this process found out.
  void write_lines(OutputFile& file, bool news_only) const {
    std::string text;
    const auto add = [&](const json& value) {
      text += value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
      if (text.size() < written_bytes) return;
      file.write(text);
      text.clear();
    };
    for (const auto& [key, entry] : entries) {
      if (news_only && !entry.is_news) continue;
      const FileState& state = entry.state;
      json value{{"key", key},
                 {"state", {state.bytes, state.modified, state.changed}},
                 {"inode", state.inode}};
      if (!entry.sha256.empty()) value["sha256"] = entry.sha256;
      if (entry.header) value["header"] = json_of(*entry.header);
      add(value);
    }
    if (!news_only)
      for (const auto& [name, note] : notes) add({{"note", name}, {"text", note}});
    file.write(text);
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

Cache::Cache(const fs::path& dataset) : state_(std::make_unique<State>(dataset)) {
  state_->read();
}
Cache::~Cache() = default;

std::optional<std::string> Cache::sha256(const std::string& key, const FileState& now) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->entries.find(key);
  if (found == state_->entries.end() || found->second.state != now || found->second.sha256.empty())
    return {};
  return found->second.sha256;
}

std::optional<Header> Cache::header(const std::string& key, const FileState& now) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->entries.find(key);
  if (found == state_->entries.end() || found->second.state != now) return {};
  const auto& header = found->second.header;
  return header ? std::optional(*header) : std::nullopt;
}

void Cache::put_sha256(const std::string& key, const FileState& now, const std::string& sha256) {
  if (!is_too_young(now, clock_now())) put_written(key, now, sha256);
}

void Cache::put_written(const std::string& key, const FileState& now, const std::string& sha256) {
  if (!now.exists()) return;
  const std::lock_guard lock(state_->mutex);
  Entry& entry = state_->entry_of(key, now);
  entry.sha256 = sha256;
  entry.is_news = true;
}

void Cache::put_header(const std::string& key, const FileState& now, const Header& header) {
  if (!now.exists() || is_too_young(now, clock_now())) return;
  const std::lock_guard lock(state_->mutex);
  Entry& entry = state_->entry_of(key, now);
  entry.header = std::make_unique<Header>(header);
  entry.is_news = true;
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
  try {
    const fs::path file = state_->write(true);
    if (!state_->news.empty()) disk().unlink(state_->news);
    state_->news = file;
  } catch (const MachineError&) {
  } catch (const BadInput&) {
  }
}

}  // namespace nicohort
