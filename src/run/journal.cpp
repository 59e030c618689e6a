#include "run/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "base/atomic_file.hpp"
#include "cohort/below.hpp"
#include "record/own_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TablesRecord, fingerprint, outputs, problems)

namespace {

// The parts of a header that routine 01 uses.
json header_json(const Header& header) {
  const Geometry& g = header.geometry;
  return {{"size", {g.size.x, g.size.y, g.size.z}},
          {"spacing", g.spacing},
          {"spacing_is_float", g.spacing_is_float},
          {"affine", std::vector<double>(g.affine.data(), g.affine.data() + 16)},
          {"type", static_cast<int>(header.type)}};
}

Header header_from(const json& value) {
  Header header;
  Geometry& g = header.geometry;
  auto size = value.at("size").get<std::array<std::int64_t, 3>>();
  g.size = {size[0], size[1], size[2]};
  g.spacing = value.at("spacing");
  g.spacing_is_float = value.at("spacing_is_float");
  auto affine = value.at("affine").get<std::array<double, 16>>();
  g.affine = Eigen::Map<const Affine>(affine.data());
  header.type = static_cast<DataType>(value.at("type").get<int>());
  return header;
}

json sample_line(const std::string& id, const Outcome& outcome) {
  return {{"sample", id}, {"outcome", json_of(outcome)}};
}
json header_line(const FileRecord& file, const Header& header) {
  return {{"file", file}, {"header", header_json(header)}};
}
json tables_line(const TablesRecord& tables) {
  return {{"tables", tables}};
}

json naming_line(const std::string& naming) {
  return {{"naming", naming}};
}

// Names may have bytes that are not UTF-8; JSON may not.
std::string text_of(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

Journal::Journal(fs::path file, const IsOwn& is_own) : file_(std::move(file)) {
  require_own(file_.parent_path().parent_path(), file_);
  std::ifstream in(file_);
  for (std::string text; std::getline(in, text);) {
    try {
      json line = json::parse(text);
      if (line.contains("sample")) {
        const std::string id = line["sample"];
        if (!line.contains("outcome"))
          samples_.erase(id);
        else if (Outcome outcome = outcome_from(line["outcome"]); !is_own || is_own(id, outcome))
          samples_[id] = std::move(outcome);
      } else if (line.contains("header")) {
        FileRecord record = line.at("file");
        headers_[record.path] = {record, header_from(line["header"])};
      } else if (line.contains("naming")) {
        naming_ = line["naming"];
      } else if (line.contains("tables")) {
        tables_.reset();
        if (!line["tables"].is_null()) tables_ = line["tables"].get<TablesRecord>();
        if (tables_ && !std::all_of(tables_->outputs.begin(), tables_->outputs.end(),
                                    [](const FileRecord& output) { return is_below(output.path); }))
          tables_.reset();
      }
    } catch (const json::exception&) {
      // Cut off by a crash, or not ours: what it said is done again.
    }
  }
}

std::optional<Outcome> Journal::sample(const std::string& id) const {
  std::lock_guard lock(mutex_);
  auto found = samples_.find(id);
  return found == samples_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Header> Journal::header(const FileRecord& file) const {
  std::lock_guard lock(mutex_);
  seen_.insert(file.path);
  auto found = headers_.find(file.path);
  if (found == headers_.end() || found->second.first != file) return {};
  return found->second.second;
}

void Journal::append(const json& line) {
  // One write of a whole line: lines of several threads do not mix. The newline in front ends a
  // line that a crash cut off.
  const std::string text = "\n" + text_of(line);
  if (file_.has_parent_path()) fs::create_directories(file_.parent_path());
  int descriptor =
      ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) throw_machine_error("write", file_);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t done = ::write(descriptor, rest.data(), rest.size());
    if (done < 0 && errno != EINTR) {
      const int code = errno;
      ::close(descriptor);
      errno = code;
      throw_machine_error("write", file_);
    }
    rest.remove_prefix(std::max<ssize_t>(done, 0));
  }
  ::close(descriptor);
}

void Journal::put_sample(const std::string& id, const Outcome& outcome) {
  std::lock_guard lock(mutex_);
  append(sample_line(id, outcome));
  samples_[id] = outcome;
}

void Journal::put_header(const FileRecord& file, const Header& header) {
  std::lock_guard lock(mutex_);
  seen_.insert(file.path);
  headers_[file.path] = {file, header};
}

void Journal::put_tables(const TablesRecord& tables) {
  std::lock_guard lock(mutex_);
  append(tables_line(tables));
  tables_ = tables;
}

void Journal::put_naming(const std::string& naming) {
  std::lock_guard lock(mutex_);
  if (naming == naming_) return;
  append(naming_line(naming));
  naming_ = naming;
}

void Journal::forget_tables() {
  std::lock_guard lock(mutex_);
  if (!tables_) return;
  append({{"tables", nullptr}});
  tables_.reset();
}

void Journal::remove_sample(const std::string& id) {
  std::lock_guard lock(mutex_);
  append({{"sample", id}});
  samples_.erase(id);
}

void Journal::compact() {
  std::lock_guard lock(mutex_);
  std::string text;
  if (!naming_.empty()) text += text_of(naming_line(naming_));
  for (const std::string& path : seen_)
    if (auto found = headers_.find(path); found != headers_.end())
      text += text_of(header_line(found->second.first, found->second.second));
  for (const auto& [id, outcome] : samples_) text += text_of(sample_line(id, outcome));
  if (tables_) text += text_of(tables_line(*tables_));
  write_file(file_, text);
}

}  // namespace nicohort
