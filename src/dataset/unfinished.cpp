#include "dataset/unfinished.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "dataset/layout.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr std::size_t unfinished_bytes = 256 << 20;

// Whether the last of these are the steps, without those that had nothing to do.
bool ends_with(const std::vector<StepWork>& works, const std::vector<StepWork>& steps) {
  for (std::size_t count = 0; count <= std::min(works.size(), steps.size()); ++count) {
    const auto begin = works.end() - count;
    if (works_to_do(steps, {works.begin(), begin}) == std::vector<StepWork>(begin, works.end()))
      return true;
  }
  return false;
}

Work work_from(const json& value) {
  Work work;
  work.command = value.at("command");
  work.from_archive = value.at("from_archive");
  work.is_elsewhere = value.at("is_elsewhere");
  for (const json& step : value.at("steps"))
    work.steps.push_back({step.at("name"), step.at("parameters"), step.at("version")});
  if (value.contains("labels")) {
    work.labels.emplace();
    for (const auto& [label, name] :
         value["labels"].get<std::vector<std::pair<int, std::string>>>())
      (*work.labels)[static_cast<std::uint8_t>(label)] = name;
  }
  if (value.contains("groups")) {
    for (const auto& [name, labels] :
         value["groups"].get<std::vector<std::pair<std::string, std::vector<std::uint8_t>>>>())
      work.groups.push_back({name, labels});
  }
  work.compression = value.at("compression");
  work.keeps_volume_type = value.value("keeps_volume_type", false);
  work.made_from = value.value("made_from", "");
  work.chosen_by = value.value("chosen_by", "");
  work.owed = value.value("owed", decltype(work.owed)());
  work.token = value.value("token", "");
  work.ids = value.at("ids").get<std::vector<std::string>>();
  return work;
}

// Whether it has changed any sample.
bool has_begun(const fs::path& dataset, const Work& work) {
  return work.token.empty() || fs::exists(OwnFolder(dataset).begun());
}

}  // namespace

std::vector<std::string> Work::all_ids() const {
  std::vector<std::string> all = ids;
  for (const auto& [id, chosen] : owed) all.push_back(id);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool Work::is_same(const Work& other) const {
  return command == other.command && from_archive == other.from_archive &&
         is_elsewhere == other.is_elsewhere && steps == other.steps && labels == other.labels &&
         groups == other.groups && compression == other.compression &&
         keeps_volume_type == other.keeps_volume_type;
}

bool is_done(const Work& work, const SampleRecord& record) {
  // Nothing can be done to it.
  if (!record.is_written()) return true;
  const bool has_labels =
      !work.labels || (record.labels == *work.labels && record.groups == work.groups);
  if (work.from_archive) {
    const bool has_steps =
        !record.mask || (are_same_steps(works_of(record), work.steps) && has_labels);
    return has_steps && record.compression == work.compression &&
           (!record.volume || record.volume->has_source_type == work.keeps_volume_type);
  }
  return !record.mask || (ends_with(works_of(record), work.steps) && has_labels);
}

std::string unfinished_text(const Work& work) {
  json steps = json::array();
  for (const StepWork& step : work.steps)
    steps.push_back(
        {{"name", step.name}, {"parameters", step.parameters}, {"version", step.version}});
  json value{{"command", work.command},
             {"from_archive", work.from_archive},
             {"is_elsewhere", work.is_elsewhere},
             {"steps", steps},
             {"compression", work.compression},
             {"keeps_volume_type", work.keeps_volume_type},
             {"made_from", work.made_from},
             {"chosen_by", work.chosen_by},
             {"token", work.token},
             {"ids", work.ids}};
  if (!work.owed.empty()) value["owed"] = work.owed;
  if (work.labels)
    value["labels"] =
        std::vector<std::pair<int, std::string>>(work.labels->begin(), work.labels->end());
  for (const auto& [name, labels] : work.groups)
    value["groups"].push_back(json::array({name, labels}));
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<Work> read_unfinished(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).unfinished();
  std::error_code error;
  const auto type = fs::symlink_status(file, error).type();
  if (type == fs::file_type::not_found) return {};
  if (type == fs::file_type::none) throw_unknown(file, error);
  try {
    if (type == fs::file_type::regular)
      return work_from(parse_own_json(read_file(file, unfinished_bytes)));
  } catch (const json::exception&) {  // told below
  } catch (const BadInput&) {
  }
  Work unknown;
  unknown.command = unknown_command;
  unknown.ids = record_ids(dataset);
  return unknown;
}

std::vector<fs::path> progress_files(const fs::path& dataset) {
  const fs::path folder = OwnFolder(dataset).progress();
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_symlink(folder, error)) return files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    files.push_back(entry->path());
  return files;
}

fs::path to_make_file(const fs::path& dataset, const Shard& shard) {
  return OwnFolder(dataset).progress() / fmt::format("{}-{}.json", shard.index, shard.count);
}

std::string to_make_text(const Work& work, const Shard& shard,
                         const std::map<std::string, std::string>& to_make) {
  const json value{{"token", work.token}, {"shard", shard.text()}, {"to_make", to_make}};
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

WorkProgress::WorkProgress(const fs::path& dataset, const Work& work)
    : dataset_(dataset), work_(work) {
  if (!work.from_archive || work.token.empty()) return;
  for (const fs::path& file : progress_files(dataset)) read(file);
}

// The samples of one that is of other work, or cannot be read, count as left.
void WorkProgress::read(const fs::path& file) {
  try {
    const auto text = read_own_file(dataset_, file, unfinished_bytes);
    if (!text) return;
    const json value = parse_own_json(*text);
    if (value.at("token") != work_.token) return;
    const Shard shard = parse_shard(value.at("shard"));
    to_make_[shard.count][shard.index] =
        value.at("to_make").get<std::unordered_map<std::string, std::string>>();
  } catch (const json::exception&) {
  } catch (const UsageError&) {
  } catch (const BadInput&) {
  }
}

// What is made from the archive is left until the process that has the sample says otherwise: it
// does not have to make it, or the record is no longer what it was then.
bool WorkProgress::is_left(const std::string& id, const std::optional<SampleRecord>& record) const {
  if (work_.command == unknown_command) return true;
  if (work_.from_archive)
    return std::none_of(to_make_.begin(), to_make_.end(), [&](const auto& of_count) {
      const auto of_shard = of_count.second.find(Shard::of(id, of_count.first));
      if (of_shard == of_count.second.end()) return false;
      const auto noted = of_shard->second.find(id);
      return noted == of_shard->second.end() || sha256_of_record(dataset_, id) != noted->second;
    });
  if (record) return !is_done(work_, *record);
  const bool is_damaged = fs::exists(OwnFolder(dataset_).record(id));
  return is_damaged || work_.is_elsewhere;
}

SampleProgress WorkProgress::of(const std::string& id) const {
  if (id.empty() || id.find('/') != std::string::npos) return SampleProgress::done;
  const std::optional<SampleRecord> record = readable_record(dataset_, id);
  if (is_left(id, record)) return SampleProgress::left;
  return record && !record->is_written() ? SampleProgress::unusable : SampleProgress::done;
}

std::vector<std::string> samples_not_done(const fs::path& dataset, const Work& work) {
  const WorkProgress progress(dataset, work);
  std::vector<std::string> left = work.all_ids();
  std::erase_if(left, [&](const auto& id) { return progress.of(id) != SampleProgress::left; });
  return left;
}

std::vector<std::string> unfinished_samples(const fs::path& dataset, const Work& work) {
  if (!has_begun(dataset, work)) return {};
  return samples_not_done(dataset, work);
}

void require_finished(const fs::path& dataset) {
  const std::optional<Work> work = read_unfinished(dataset);
  if (!work) return;
  const std::vector<std::string> left = unfinished_samples(dataset, *work);
  if (!left.empty()) throw_unfinished(dataset, *work, left);
}

void throw_unfinished(const fs::path& dataset, const Work& work,
                      const std::vector<std::string>& left) {
  throw UsageError(fmt::format(
      "{}: {} was interrupted, with {} of {} samples left to do, for example {}; first "
      "run it again with the same options",
      dataset.string(), work.command, left.size(), work.all_ids().size(), left.front()));
}

}  // namespace nicohort
