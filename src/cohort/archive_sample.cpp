#include "cohort/archive_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <tuple>

#include "cohort/below.hpp"
#include "cohort/column_names.hpp"
#include "cohort/manifest.hpp"
#include "cohort/metadata.hpp"

namespace nicohort {
namespace {

// Names of folders and files come from these.
bool is_one_name(const std::string& text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string::npos &&
         text.find('\0') == std::string::npos;
}

// What the row says otherwise than the file's path; empty if nothing. A path that does not fit the
// recipe says nothing.
std::string contradiction(const std::optional<ImageKey>& of_path, const std::string& site,
                          const std::string& phase, const std::string& pid,
                          const std::string& type) {
  if (!of_path) return "";
  const std::tuple<const char*, const std::string&, const std::string&> columns[]{
      {"site", site, of_path->site},
      {"phase", phase, of_path->phase},
      {"pid", pid, of_path->pid},
      {"type", type, of_path->type}};
  for (const auto& [column, in_row, in_path] : columns)
    if (in_row != in_path)
      return fmt::format(
          "has the {} `{}` in the manifest, and `{}` by its path; make the manifest again with "
          "gen_archive_manifest{}",
          column, in_row, in_path,
          bare_identifier(in_row) == bare_identifier(in_path)
              ? ", and do not save it from a program that drops leading zeros"
              : ", or rename the file");
  return "";
}

// What a manifest says of a patient beside the columns that every one has.
struct Attributes {
  explicit Attributes(const std::vector<std::string>& columns) {
    std::set<std::string_view> fixed(archive_columns.begin(), archive_columns.end());
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (fixed.erase(columns[i]) == 0) {
        places.push_back(i);
        names.push_back(columns[i]);
      }
    names = free_names(std::move(names), own_names());
  }

  std::vector<std::size_t> places;  // in the manifest's rows
  std::vector<std::string> names;
};

}  // namespace

SampleFiles ArchiveSample::files() const {
  return {std::filesystem::path(info.site) / info.phase / info.id, info.id};
}

std::vector<ArchiveSample> samples_of(const Table& manifest, const std::string& file,
                                      const Recipe& recipe, Report& report) {
  auto core = require_columns(manifest, {"file_path", "site", "phase", "pid", "type"}, file);
  const Attributes attributes(manifest.columns);
  std::map<std::string, ArchiveSample> samples;
  for (const auto& row : manifest.rows) {
    std::string path = to_text(row[core[0]]), site = to_text(row[core[1]]),
                phase = to_text(row[core[2]]), pid = to_text(row[core[3]]),
                type = to_text(row[core[4]]);
    const std::string& subject = path.empty() ? file : path;
    if (!is_one_name(site) || !is_one_name(phase) || !is_one_name(pid)) {
      report.add(subject,
                 "has no site, phase or pid that could name a folder; correct the manifest");
      continue;
    }
    if (!is_below(path)) {
      report.add(subject, "does not lie below --root_dir; correct the manifest's file_path");
      continue;
    }
    if (type != volume_type && type != mask_type) {
      report.add(subject, fmt::format("has the type `{}`; it should be v3d or m3d", type));
      continue;
    }
    if (const std::string wrong =
            contradiction(recipe.parse_image_path(path), site, phase, pid, type);
        !wrong.empty()) {
      report.add(subject, wrong);
      continue;
    }
    std::string id = recipe.sample_id(site, pid, phase);
    ArchiveSample& sample = samples[id];
    std::string& image = type == volume_type ? sample.volume : sample.mask;
    if (!image.empty()) {
      report.add(subject, fmt::format("is a second {} of {}; {} was taken: correct the manifest",
                                      type == volume_type ? "volume" : "mask", id, image));
      continue;
    }
    image = path;
    if (!sample.info.id.empty()) continue;
    sample.info = {id, site, phase, pid, {}};
    for (std::size_t i = 0; i < attributes.names.size(); ++i)
      sample.info.attributes.emplace_back(attributes.names[i], row[attributes.places[i]]);
  }
  std::vector<ArchiveSample> sorted;
  sorted.reserve(samples.size());
  for (auto& [id, sample] : samples) sorted.push_back(std::move(sample));
  return sorted;
}

std::vector<std::string> ids_of(const std::vector<ArchiveSample>& samples) {
  std::vector<std::string> ids;
  for (const ArchiveSample& sample : samples) ids.push_back(sample.info.id);
  return ids;
}

std::set<std::string> sites_of(const std::vector<ArchiveSample>& samples) {
  std::set<std::string> sites;
  for (const ArchiveSample& sample : samples) sites.insert(sample.info.site);
  return sites;
}

}  // namespace nicohort
