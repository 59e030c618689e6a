#include "archive/archive_sample.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "archive/metadata_keys.hpp"
#include "base/below.hpp"
#include "dataset/column_names.hpp"
#include "dataset/manifest.hpp"

namespace nicohort {
namespace {

// Names of folders and files come from these. A part is empty only where the path says so, too.
bool are_names(const PartValues& of_row, const std::optional<ImageKey>& of_path) {
  for (std::size_t i = 0; i < of_row.size(); ++i) {
    const std::string& text = of_row[i];
    if (text.empty() && !(of_path && of_path->parts[i].empty())) return false;
    if (text == "." || text == ".." || text.find('/') != std::string::npos ||
        text.find('\0') != std::string::npos)
      return false;
  }
  return true;
}

// What the row says otherwise than the file's path; empty if nothing. A path that does not fit the
// recipe says nothing.
std::string contradiction(const std::optional<ImageKey>& of_path, const PartValues& of_row,
                          const std::string& type, const Recipe& recipe) {
  if (!of_path) return "";
  auto tell = [&](const std::string& column, const std::string& in_row,
                  const std::string& in_path) {
    return fmt::format(
        "has the {} `{}` in the manifest, but `{}` in its path; run gen_archive_manifest again{}",
        column, in_row, in_path,
        bare_identifier(in_row) == bare_identifier(in_path)
            ? ", and do not save the manifest in a program that drops leading zeros"
            : ", or rename the file");
  };
  for (std::size_t i = 0; i < of_row.size(); ++i)
    if (of_row[i] != of_path->parts[i])
      return tell(recipe.parts()[i].name, of_row[i], of_path->parts[i]);
  if (type != of_path->type()) return tell("type", type, std::string(of_path->type()));
  return "";
}

// What a manifest says of a sample beside the columns that every one has.
struct Attributes {
  Attributes(const std::vector<std::string>& columns, const std::vector<std::string>& parts,
             bool has_folder) {
    const auto own = archive_columns(parts);
    std::set<std::string> fixed(own.begin(), own.end());
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (fixed.erase(columns[i]) == 0) {
        places.push_back(i);
        names.push_back(columns[i]);
      }
    names = free_names(std::move(names), own_names(parts, has_folder));
  }

  std::vector<std::size_t> places;  // in the manifest's rows
  std::vector<std::string> names;
};

SampleInfo info_of(const Recipe& recipe, const PartValues& values) {
  SampleInfo info{recipe.sample_id(values), {}, "", {}};
  for (std::size_t i = 0; i < values.size(); ++i)
    info.parts.emplace_back(recipe.parts()[i].name, values[i]);
  const bool has_subset_part = recipe.part_index("subset").has_value();
  if (recipe.has_folder() && !has_subset_part) info.subset = recipe.folder(values);
  return info;
}

}  // namespace

std::vector<ArchiveSample> samples_of(const Table& manifest, const std::string& file,
                                      const Recipe& recipe, Report& report) {
  const std::vector<std::string> parts = names_of(recipe.parts());
  std::vector<std::string> needed{"file_path", "type"};
  needed.insert(needed.end(), parts.begin(), parts.end());
  const auto core = require_columns(manifest, needed, file);
  const Attributes attributes(manifest.columns, parts, recipe.has_folder());
  std::map<std::string, ArchiveSample> samples;
  for (const auto& row : manifest.rows) {
    const std::string path = to_text(row[core[0]]), type = to_text(row[core[1]]);
    PartValues values;
    for (std::size_t i = 0; i < parts.size(); ++i) values.push_back(to_text(row[core[2 + i]]));
    const std::string& subject = path.empty() ? file : path;
    const auto of_path = recipe.parse_image_path(path);
    if (!are_names(values, of_path)) {
      report.add(subject, ProblemKind::table,
                 fmt::format("has no {} that can be the name of a folder; correct the manifest",
                             fmt::join(parts, ", ")));
      continue;
    }
    if (!is_below(path)) {
      report.add(subject, ProblemKind::table,
                 "is not below --root_dir; correct file_path in the manifest");
      continue;
    }
    if (type != volume_type && type != mask_type) {
      report.add(subject, ProblemKind::table,
                 fmt::format("has the type `{}`; it should be v3d or m3d", type));
      continue;
    }
    if (const std::string wrong = contradiction(of_path, values, type, recipe); !wrong.empty()) {
      report.add(subject, ProblemKind::table, wrong);
      continue;
    }
    const std::string id = recipe.sample_id(values);
    ArchiveSample& sample = samples[id];
    std::string& image = type == volume_type ? sample.volume : sample.mask;
    if (!image.empty()) {
      report.add(subject, ProblemKind::duplicate_scan,
                 fmt::format("is a second {} of {}; {} was used: correct the manifest",
                             type == volume_type ? "volume" : "mask", id, image));
      continue;
    }
    image = path;
    if (!sample.info.id.empty()) continue;
    sample.info = info_of(recipe, values);
    sample.files = {std::filesystem::path(recipe.folder(values)) / id, id};
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

}  // namespace nicohort
