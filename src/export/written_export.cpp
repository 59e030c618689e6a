#include "export/written_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"
#include "base/wording.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* own_file = ".nicohort_export.jsonl";
constexpr std::streamsize longest_line = 1 << 16;
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

std::string text_of_subset(const std::string& subset) {
  return subset.empty() ? "no subset" : subset;
}

const std::string& scan_of(const ExportSample& sample) {
  return sample.channels.front().value_hash;
}

// A line for each sample and each file, in this order, behind one that says what it is of, and how
// many of each there are.
nlohmann::ordered_json line_of(const std::string& name, const WrittenFile& file) {
  if (!file.is_finished) return {{"file", name}};
  return {{"file", name},
          {"made_of", hex_of(file.made_of)},
          {"kind", name_of(file.kind)},
          {"bytes", file.bytes},
          {"modified", file.modified}};
}

WrittenFile file_from(const nlohmann::json& line) {
  WrittenFile file;
  file.is_finished = line.contains("made_of");
  if (!file.is_finished) return file;
  file.made_of = sha256_bytes(line["made_of"].get<std::string>()).value();
  file.kind = kind_named(line.at("kind"));
  file.bytes = line.at("bytes");
  file.modified = line.at("modified");
  return file;
}

// Throws json::exception, std::bad_optional_access, or std::ios::failure for a line longer than any
// of ours, or none.
WrittenExport parse_written_export(std::istream& in) {
  in.exceptions(std::ios::failbit | std::ios::badbit);
  std::vector<char> buffer(longest_line);
  const auto next_line = [&] {
    in.getline(buffer.data(), longest_line);
    return nlohmann::json::parse(buffer.data());
  };
  const nlohmann::json head = next_line();
  WrittenExport written{head.at("format"), head.at("made"), head.at("split")};
  for (auto left = head.at("samples").get<std::size_t>(); left > 0; --left) {
    const nlohmann::json line = next_line();
    written.samples[line.at("ID")] = {line.at("subset"), line.at("scan")};
  }
  for (auto left = head.at("files").get<std::size_t>(); left > 0; --left) {
    const nlohmann::json line = next_line();
    written.files[line.at("file")] = file_from(line);
  }
  return written;
}

}  // namespace

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
    std::ifstream in(file);
    if (!in) throw_machine_error("read", file);
    try {
      written = parse_written_export(in);
    } catch (const nlohmann::json::exception&) {
      refuse(file, "is damaged");
    } catch (const std::bad_optional_access&) {
      refuse(file, "is damaged");
    } catch (const std::ios::failure&) {
      if (in.bad()) throw_machine_error("read", file);
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

void put_written_export(const ExportPlan& plan, const ExportCohort& cohort, const std::string& made,
                        const std::map<std::string, WrittenFile>& files) {
  AtomicFile file(plan.folder / own_file);
  SmallPieces lines(file);
  const auto put = [&](const nlohmann::ordered_json& line) { lines.write(line.dump() + "\n"); };
  put({{"format", plan.format},
       {"made", made},
       {"split", cohort.split},
       {"samples", cohort.samples.size()},
       {"files", files.size()}});
  for (const ExportSample& sample : cohort.samples)
    put({{"ID", sample.id}, {"subset", sample.subset}, {"scan", scan_of(sample)}});
  for (const auto& [name, of_export] : files) put(line_of(name, of_export));
  lines.finish();
  file.commit();
}

bool is_of_samples(const WrittenExport& before, const ExportCohort& cohort) {
  return before.split == cohort.split && before.samples.size() == cohort.samples.size() &&
         std::all_of(cohort.samples.begin(), cohort.samples.end(), [&](const auto& sample) {
           const auto known = before.samples.find(sample.id);
           return known != before.samples.end() && known->second.subset == sample.subset &&
                  known->second.scan == scan_of(sample);
         });
}

void require_same_dataset(const ExportPlan& plan, const WrittenExport& before,
                          const ExportCohort& cohort) {
  if (before.samples.empty()) return;
  std::unordered_set<std::string_view> scans;
  for (const auto& [id, sample] : before.samples) scans.insert(sample.scan);
  if (std::none_of(cohort.samples.begin(), cohort.samples.end(),
                   [&](const auto& sample) { return scans.contains(scan_of(sample)); }))
    refuse(plan.folder,
           fmt::format("is an export of another dataset: none of its {} is in this one",
                       counted(before.samples.size(), "sample")));
}

void warn_of_moved_samples(const WrittenExport& before, const ExportCohort& cohort,
                           Listener& listener) {
  const bool is_same_split = before.split == cohort.split;
  std::vector<std::string> moved, others;  // those in test now first
  for (const ExportSample& sample : cohort.samples) {
    const auto known = before.samples.find(sample.id);
    if (known == before.samples.end()) continue;
    const std::string &from = known->second.subset, &to = sample.subset;
    // Of another split, train can be fold 3.
    if (from != to && (is_same_split || from == "test" || to == "test"))
      (to == "test" ? moved : others)
          .push_back(
              fmt::format("{} from {} to {}", sample.id, text_of_subset(from), text_of_subset(to)));
  }
  moved.insert(moved.end(), others.begin(), others.end());
  if (moved.empty()) return;
  const std::string are =
      moved.size() == 1 ? "1 sample is" : counted(moved.size(), "sample") + " are";
  if (is_same_split)
    listener.warning(fmt::format(
        "{} in another subset of the split {} than in the export before ({}): a model that was "
        "trained with that export may have seen what is in test now. With "
        "`keep_sides: true` in the recipe, or make_split --keep_sides, patients keep their subset "
        "when the split is made again",
        are, cohort.split, some_of(moved)));
  else
    listener.warning(fmt::format(
        "{} in another subset than in the export before, which was of {} ({}): a model "
        "trained with one of them may have seen what the other has in test. Export each split "
        "into a folder of its own",
        are, before.split.empty() ? "no split" : "the split " + before.split, some_of(moved)));
}

}  // namespace nicohort
