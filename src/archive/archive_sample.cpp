#include "archive/archive_sample.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "base/below.hpp"
#include "dataset/column_names.hpp"
#include "dataset/manifest.hpp"
#include "recipe/condition.hpp"
#include "table/folded.hpp"

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

// What a row says of its image.
struct ImageRow {
  PartValues parts;
  std::string type, channel, label;
};

// What the row says otherwise than the file's path; empty if nothing. A path that does not match
// the recipe says nothing.
std::string contradiction(const std::optional<ImageKey>& of_path, const ImageRow& of_row,
                          const Recipe& recipe) {
  if (!of_path) return "";
  auto tell = [&](const std::string& column, const std::string& in_row,
                  const std::string& in_path) {
    return fmt::format(
        "has the {} `{}` in the manifest, but `{}` in its path; run gen_archive_manifest again{}",
        column, in_row, in_path,
        small_difference(in_row, in_path).find("leading zeros") != std::string::npos
            ? ", and do not save the manifest in a program that drops leading zeros"
            : ", or rename the file");
  };
  for (std::size_t i = 0; i < of_row.parts.size(); ++i)
    if (of_row.parts[i] != of_path->parts[i])
      return tell(recipe.parts()[i].name, of_row.parts[i], of_path->parts[i]);
  if (of_row.type != of_path->type())
    return tell("type", of_row.type, std::string(of_path->type()));
  if (const std::string channel = channel_text(*of_path, recipe.channels());
      of_row.channel != channel)
    return tell("channel", of_row.channel, channel);
  if (of_row.label != of_path->label) return tell("label", of_row.label, of_path->label);
  return "";
}

// What a manifest says of a sample beside the columns that every one has.
struct Attributes {
  Attributes(const std::vector<std::string>& columns, const Recipe& recipe) {
    const auto own = archive_columns(recipe);
    std::set<std::string> fixed(own.begin(), own.end());
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (fixed.erase(columns[i]) == 0) {
        places.push_back(i);
        names.push_back(columns[i]);
      }
    names = free_names(std::move(names), own_names(recipe));
  }

  // Gives the sample what this row of it says: the first value of each counts. Gives the names of
  // those that an earlier row has otherwise.
  std::vector<std::string> put(const std::vector<Cell>& row, SampleInfo& info) const {
    std::vector<std::string> differing;
    info.attributes.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Cell& cell = row[places[i]];
      auto& [name, value] = info.attributes[i];
      if (name.empty()) name = names[i];
      if (is_empty(value))
        value = cell;
      else if (!is_empty(cell) && cell != value && !is_same_value(to_text(value), to_text(cell)))
        differing.push_back(name);
    }
    return differing;
  }

  std::vector<std::size_t> places;  // in the manifest's rows
  std::vector<std::string> names;
};

SampleInfo info_of(const Recipe& recipe, const PartValues& values) {
  SampleInfo info{recipe.sample_id(values), {}, "", {}};
  info.parts.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    info.parts.emplace_back(recipe.parts()[i].name, values[i]);
  const bool has_subset_part = recipe.part_index("subset").has_value();
  if (recipe.has_folder() && !has_subset_part) info.subset = recipe.folder(values);
  return info;
}

PartValues values_of(const SampleInfo& info) {
  PartValues values;
  for (const auto& [name, value] : info.parts) values.push_back(value);
  return values;
}

// The files that a sample has none of yet.
void prepare(ArchiveSample& sample, const Recipe& recipe, const PartValues& parts,
             const std::string& id) {
  sample.info = info_of(recipe, parts);
  sample.files = {std::filesystem::path(recipe.folder(parts)) / id, id};
  sample.volumes.resize(recipe.channels().files());
}

// Puts the row's image to the sample. Gives the image that is in its place already; empty if none
// is. Throws BadInput where the row names no channel or label of the recipe.
std::string put_image(ArchiveSample& sample, const ImageRow& row, const std::string& path,
                      const Recipe& recipe) {
  if (row.type == volume_type) {
    const auto file = recipe.channels().file_with(row.channel);
    if (!file)
      throw BadInput(ProblemKind::table,
                     fmt::format("has the channel `{}` in the manifest, which the recipe does not "
                                 "have; run gen_archive_manifest again",
                                 row.channel));
    std::string& volume = sample.volumes[*file];
    if (!volume.empty()) return volume;
    volume = path;
    return "";
  }
  InputFile mask{path, "", true, 0};
  if (recipe.images().overlap()) {
    const auto label = label_named(recipe.labels(), row.label);
    if (!label || *label == 0)
      throw BadInput(ProblemKind::table,
                     fmt::format("has the label `{}` in the manifest, which the recipe does not "
                                 "have; run gen_archive_manifest again",
                                 row.label));
    mask.label = *label;
  }
  for (const InputFile& other : sample.masks)
    if (other.label == mask.label) return other.path;
  sample.masks.push_back(mask);
  std::sort(sample.masks.begin(), sample.masks.end(),
            [](const InputFile& one, const InputFile& other) { return one.label < other.label; });
  return "";
}

}  // namespace

bool ArchiveSample::has_volume() const {
  return std::none_of(volumes.begin(), volumes.end(),
                      [](const std::string& path) { return path.empty(); });
}

std::vector<InputFile> ArchiveSample::inputs() const {
  std::vector<InputFile> there;
  for (const std::string& path : volumes)
    if (!path.empty()) there.push_back({path, ""});
  there.insert(there.end(), masks.begin(), masks.end());
  return there;
}

std::vector<std::string> ArchiveSample::images() const {
  std::vector<std::string> paths;
  for (InputFile& file : inputs()) paths.push_back(std::move(file.path));
  return paths;
}

std::vector<ArchiveSample> samples_of(const Table& manifest, const std::string& file,
                                      const Recipe& recipe, Report& report) {
  const std::vector<std::string> parts = names_of(recipe.parts());
  std::vector<std::string> needed{"file_path", "type"};
  needed.insert(needed.end(), parts.begin(), parts.end());
  const bool has_channels = !recipe.channels().names.empty(),
             has_labels = recipe.images().overlap().has_value();
  if (has_channels) needed.push_back("channel");
  if (has_labels) needed.push_back("label");
  if (!manifest.find("file_path") && manifest.find("ID"))
    throw UsageError(
        fmt::format("{}: is the manifest of a dataset, with a row for each sample; this one must "
                    "be that of an archive, which gen_archive_manifest writes",
                    file));
  const auto core = require_columns(manifest, needed, file);
  const Attributes attributes(manifest.columns, recipe);
  std::vector<ArchiveSample> samples;
  std::map<std::string, std::size_t> places;               // there, by ID
  std::map<std::string, std::set<std::string>> differing;  // attributes, by ID
  for (const auto& row : manifest.rows) {
    const std::string path = to_text(row[core[0]]);
    ImageRow image{{}, to_text(row[core[1]]), "", ""};
    PartValues& values = image.parts;
    for (std::size_t i = 0; i < parts.size(); ++i) values.push_back(to_text(row[core[2 + i]]));
    if (has_channels) image.channel = to_text(row[core[2 + parts.size()]]);
    if (has_labels) image.label = to_text(row[core.back()]);
    const std::string& subject = path.empty() ? file : path;
    const auto of_path = recipe.parse_image_path(path);
    if (!of_path && path.find('\\') != std::string::npos && path.find('/') == std::string::npos)
      throw UsageError(
          fmt::format("{}, row {}: the path {} has backslashes; in manifests folders are separated "
                      "by `/`: replace them, or write the manifest again with "
                      "gen_archive_manifest",
                      file, manifest.row_in_file(&row - manifest.rows.data()), path));
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
    if (image.type != volume_type && image.type != mask_type) {
      report.add(subject, ProblemKind::table,
                 fmt::format("has the type `{}`; it should be v3d or m3d", image.type));
      continue;
    }
    if (const std::string wrong = contradiction(of_path, image, recipe); !wrong.empty()) {
      report.add(subject, ProblemKind::table, wrong);
      continue;
    }
    const std::string id = recipe.sample_id(values);
    const auto [place, is_new] = places.try_emplace(id, samples.size());
    if (is_new) prepare(samples.emplace_back(), recipe, values, id);
    ArchiveSample& sample = samples[place->second];
    if (const PartValues known = values_of(sample.info); known != values)
      recipe.fail_id(known, values);
    try {
      if (const std::string used = put_image(sample, image, path, recipe); !used.empty()) {
        report.add(subject, ProblemKind::duplicate_scan,
                   fmt::format("is a second {} of {}; {} was used: correct the manifest",
                               image.type == volume_type ? "volume" : "mask", id, used));
        continue;
      }
    } catch (const BadInput& bad) {
      report.add(subject, bad.kind(), bad.what());
      if (is_new) {
        samples.pop_back();
        places.erase(place);
      }
      continue;
    }
    for (std::string& name : attributes.put(row, sample.info))
      differing[id].insert(std::move(name));
  }
  for (const auto& [id, names] : differing)
    report.add(id, ProblemKind::table,
               fmt::format("its rows in {} have different values of `{}`; the first was used: give "
                           "them the same value",
                           file, fmt::join(names, "`, `")));
  std::sort(samples.begin(), samples.end(),
            [](const ArchiveSample& one, const ArchiveSample& other) {
              return one.info.id < other.info.id;
            });
  return samples;
}

std::vector<std::string> ids_of(const std::vector<ArchiveSample>& samples) {
  std::vector<std::string> ids;
  for (const ArchiveSample& sample : samples) ids.push_back(sample.info.id);
  return ids;
}

}  // namespace nicohort
