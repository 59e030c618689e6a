#include "export/written_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"
#include "dataset/split_rows.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* own_file = ".nicohort_export.json";
constexpr std::size_t largest = std::size_t{1} << 30;
constexpr LinkKind link_kinds[] = {LinkKind::reflink, LinkKind::hard, LinkKind::symbolic,
                                   LinkKind::copy};

[[noreturn]] void refuse(const fs::path& folder, const std::string& why) {
  throw UsageError(fmt::format("{}: {}; choose another folder", folder.string(), why));
}

LinkKind kind_named(const std::string& name) {
  for (const LinkKind kind : link_kinds)
    if (name_of(kind) == name) return kind;
  return LinkKind::copy;
}

nlohmann::ordered_json json_of(const WrittenFile& file) {
  if (file.made_of.empty()) return nlohmann::ordered_json::object();
  return {{"made_of", file.made_of},
          {"kind", name_of(file.kind)},
          {"bytes", file.bytes},
          {"modified", file.modified}};
}

// Throws json::exception.
WrittenExport parse_written_export(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  WrittenExport written{json.at("format"), json.at("made"), json.at("split"), {}, {}};
  for (const auto& [id, sample] : json.at("samples").items())
    written.samples[id] = {sample.at("subset"), sample.at("scan")};
  for (const auto& [name, file] : json.at("files").items())
    written.files[name] = file.empty()
                              ? WrittenFile()
                              : WrittenFile{file.at("made_of"), kind_named(file.at("kind")),
                                            file.at("bytes"), file.at("modified")};
  return written;
}

}  // namespace

WrittenExport export_of(const ExportPlan& plan, const ExportCohort& cohort, std::string made) {
  WrittenExport written{plan.format, std::move(made), cohort.split, {}, {}};
  for (const ExportSample& sample : cohort.samples)
    written.samples[sample.id()] = {sample.subset,
                                    sample.record.volume->channels.front().value_hash};
  return written;
}

WrittenExport read_written_export(const ExportPlan& plan) {
  const fs::path& folder = plan.folder;
  WrittenExport written;
  std::error_code error;
  const fs::path file = folder / own_file;
  const auto status = fs::symlink_status(file, error);
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    refuse(folder, "is not a folder");
  if (fs::exists(status)) {
    if (!fs::is_regular_file(status)) refuse(file, "is not a file");
    try {
      written = parse_written_export(read_file(file, largest));
    } catch (const nlohmann::json::exception&) {
      refuse(file, "is damaged");
    }
    if (written.format != plan.format)
      refuse(folder, fmt::format("is another export ({})", written.format));
    if (std::any_of(written.files.begin(), written.files.end(), [&](const auto& entry) {
          return !is_below(entry.first) && std::find(plan.beside.begin(), plan.beside.end(),
                                                     fs::path(entry.first)) == plan.beside.end();
        }))
      refuse(file, "names files outside of its folder");
  }
  return written;
}

void put_written_export(const fs::path& folder, const WrittenExport& written) {
  AtomicFile file(folder / own_file);
  SmallPieces text(file);
  const auto put = [&](const nlohmann::ordered_json& json) { text.write(json.dump()); };
  // `"name": {`, then an entry a line: there may be very many.
  const auto put_map = [&](const char* name, const auto& map, auto&& json_of_value) {
    text.write(fmt::format(",\n \"{}\": {{", name));
    const char* before = "\n  ";
    for (const auto& [key, value] : map) {
      text.write(std::exchange(before, ",\n  "));
      put(key);
      text.write(": ");
      put(json_of_value(value));
    }
    text.write("\n }");
  };
  text.write("{\n \"format\": ");
  put(written.format);
  text.write(",\n \"made\": ");
  put(written.made);
  text.write(",\n \"split\": ");
  put(written.split);
  put_map("samples", written.samples, [](const WrittenSample& sample) {
    return nlohmann::ordered_json{{"subset", sample.subset}, {"scan", sample.scan}};
  });
  put_map("files", written.files, [](const WrittenFile& of_export) { return json_of(of_export); });
  text.write("\n}\n");
  text.finish();
  file.commit();
}

void require_same_dataset(const ExportPlan& plan, const WrittenExport& before,
                          const WrittenExport& now) {
  if (before.samples.empty()) return;
  std::set<std::string> scans;
  for (const auto& [id, sample] : before.samples) scans.insert(sample.scan);
  if (std::none_of(now.samples.begin(), now.samples.end(),
                   [&](const auto& sample) { return scans.contains(sample.second.scan); }))
    refuse(plan.folder,
           fmt::format("is an export of another dataset: none of its {} is in this one",
                       counted(before.samples.size(), "sample")));
}

void warn_of_moved_samples(const WrittenExport& before, const WrittenExport& now,
                           Listener& listener) {
  if (before.split != now.split) return;
  std::vector<std::string> moved;
  for (const auto& [id, sample] : now.samples)
    if (const auto known = before.samples.find(id);
        known != before.samples.end() && known->second.subset != sample.subset)
      moved.insert(sample.subset == "test" ? moved.begin() : moved.end(),
                   fmt::format("{} from {} to {}", id, known->second.subset, sample.subset));
  if (!moved.empty())
    listener.warning(fmt::format(
        "{} in another subset of the split {} than in the export before ({}): a model that was "
        "trained with that export may have seen what is in test now. With `keep_sides: true` in "
        "the recipe, or make_split --keep_sides, patients keep their subset when the split is "
        "made again",
        moved.size() == 1 ? "1 sample is" : counted(moved.size(), "sample") + " are", now.split,
        some_of(moved)));
}

}  // namespace nicohort
