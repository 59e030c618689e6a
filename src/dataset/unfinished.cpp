#include "dataset/unfinished.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
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
  work.ids = value.at("ids").get<std::vector<std::string>>();
  return work;
}

// Whether it has done any of its samples: those that are not left.
bool has_begun(const fs::path& dataset, const Work& work, const std::vector<std::string>& left) {
  const bool makes_new = std::any_of(left.begin(), left.end(), [&](const std::string& id) {
    return !fs::exists(OwnFolder(dataset).record(id));
  });
  return std::any_of(work.ids.begin(), work.ids.end(), [&](const std::string& id) {
    if (std::binary_search(left.begin(), left.end(), id)) return false;
    const std::optional<SampleRecord> record = readable_record(dataset, id);
    return record && record->is_written() && (record->mask || (work.from_archive && makes_new));
  });
}

}  // namespace

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
  json value{{"command", work.command},           {"from_archive", work.from_archive},
             {"is_elsewhere", work.is_elsewhere}, {"steps", steps},
             {"compression", work.compression},   {"keeps_volume_type", work.keeps_volume_type},
             {"made_from", work.made_from},       {"ids", work.ids}};
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

SampleProgress progress_of(const fs::path& dataset, const Work& work, const std::string& id) {
  if (id.empty() || id.find('/') != std::string::npos) return SampleProgress::done;
  const std::optional<SampleRecord> record = readable_record(dataset, id);
  const bool is_left = record ? !is_done(work, *record)
                       : fs::exists(OwnFolder(dataset).record(id))
                           ? true  // damaged
                           : work.from_archive || work.is_elsewhere;
  if (is_left || work.command == unknown_command) return SampleProgress::left;
  return record && !record->is_written() ? SampleProgress::unusable : SampleProgress::done;
}

std::vector<std::string> samples_not_done(const fs::path& dataset, const Work& work) {
  std::vector<std::string> left;
  for (const std::string& id : work.ids)
    if (progress_of(dataset, work, id) == SampleProgress::left) left.push_back(id);
  std::sort(left.begin(), left.end());
  left.erase(std::unique(left.begin(), left.end()), left.end());
  return left;
}

std::vector<std::string> unfinished_samples(const fs::path& dataset, const Work& work) {
  std::vector<std::string> left = samples_not_done(dataset, work);
  if (work.command != unknown_command && !has_begun(dataset, work, left)) left.clear();
  return left;
}

void require_finished(const fs::path& dataset) {
  const std::optional<Work> work = read_unfinished(dataset);
  if (!work) return;
  const std::vector<std::string> left = unfinished_samples(dataset, *work);
  if (!left.empty()) throw_unfinished(dataset, *work, left);
}

void throw_unfinished(const fs::path& dataset, const Work& work,
                      const std::vector<std::string>& left) {
  throw UsageError(
      fmt::format("{}: {} was interrupted, with {} of {} samples left to do, for example {}; first "
                  "run it again with the same options",
                  dataset.string(), work.command, left.size(), work.ids.size(), left.front()));
}

}  // namespace nicohort
