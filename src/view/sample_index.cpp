#include "view/sample_index.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
#include "dataset/dataset.hpp"
#include "dataset/manifest.hpp"
#include "recipe/label_map.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view regions_begin = "small_connected_region_",
                           regions_end = "_manifest.xlsx", after = "_after_modification";

std::optional<fs::path> if_there(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) ? std::optional(file) : std::nullopt;
}

std::string state_of(const std::optional<fs::path>& file) {
  if (!file) return "\n";
  std::error_code error;
  return fmt::format("{}\t{}\t{}\n", file->string(), fs::file_size(*file, error),
                     fs::last_write_time(*file, error).time_since_epoch().count());
}

void keep_newer(std::optional<fs::path>& newest, const fs::path& file) {
  std::error_code error;
  const auto age = [&](const fs::path& path) {
    return std::make_pair(fs::last_write_time(path, error), path);
  };
  if (!newest || age(*newest) < age(file)) newest = file;
}

void read_regions(const fs::path& file, bool is_after, SampleIndex& index) {
  const Table table = read_table(file, "Regions");
  if (table.columns.empty()) return;
  const auto columns = require_columns(
      table, {"ID", "label", "voxels", "volume_mm3", "x", "y", "z", "x_mm", "y_mm", "z_mm"},
      file.string());
  for (const auto& row : table.rows) {
    const auto number = [&](std::size_t column) {
      const double* value = std::get_if<double>(&row[columns[column]]);
      // Column 1 is the label.
      if (value && (column != 1 || (*value >= 0 && *value <= 255))) return *value;
      throw BadInput(file.string(), ProblemKind::table,
                     fmt::format("the worksheet Regions has `{}` in the column {}; make the table "
                                 "again with small_connected_region_detect",
                                 to_text(row[columns[column]]), table.columns[columns[column]]));
    };
    index.regions[to_text(row[columns[0]])].push_back({static_cast<int>(number(1)),
                                                       number(2),
                                                       number(3),
                                                       {number(4), number(5), number(6)},
                                                       {number(7), number(8), number(9)},
                                                       is_after});
  }
}

bool leads_out(const fs::path& dataset, const SampleFiles& sample) {
  try {
    require_below(dataset, sample);
    return false;
  } catch (const BadInput&) {
    return true;
  }
}

}  // namespace

std::optional<std::size_t> SampleIndex::find(const std::string& id) const {
  const auto found = std::lower_bound(samples.begin(), samples.end(), id,
                                      [](const ViewedSample& sample, const std::string& wanted) {
                                        return sample.files.id < wanted;
                                      });
  if (found == samples.end() || found->files.id != id) return {};
  return found - samples.begin();
}

IndexSources find_index_sources(const fs::path& root) {
  const fs::path descriptor = root / "descriptor";
  IndexSources sources{{}, {}, if_there(descriptor / "label_map.yaml"), {}};
  std::error_code error;
  fs::directory_iterator files(descriptor, error);
  for (; !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if (!name.starts_with(regions_begin) || !name.ends_with(regions_end)) continue;
    const bool is_after = name.find(after) != std::string::npos;
    keep_newer(is_after ? sources.regions_after : sources.regions_before, files->path());
  }
  for (const auto& file : {sources.regions_before, sources.regions_after, sources.label_map,
                           if_there(root / "grouped/dataset_manifest.xlsx")})
    sources.state += state_of(file);
  return sources;
}

SampleIndex read_sample_index(const fs::path& root, const IndexSources& sources) {
  SampleIndex index;
  const Dataset dataset =
      Dataset::open(root / dataset_folder, {DatasetUse::unlocked, {}, {}}, nobody());
  index.intensity = dataset.recipe.intensity();
  for (const FoundSample& sample : dataset.samples) {
    std::error_code error;
    const SampleFiles files = sample.files();
    const auto record = readable_record(dataset.root, sample.id);
    auto channels = channels_of(record, dataset.recipe);
    std::erase_if(channels, [&](const std::string& channel) {
      return !fs::is_regular_file(dataset.root / files.volume(channel), error);
    });
    if (leads_out(dataset.root, files) || channels.empty()) continue;
    ViewedSample& viewed = index.samples.emplace_back(ViewedSample{files, channels, {}, {}});
    if (!record) continue;
    viewed.groups = record->groups;
    for (const InputFile& drawn : record->drawn_masks()) viewed.drawn_masks.push_back(drawn.path);
  }
  if (sources.regions_before) read_regions(*sources.regions_before, false, index);
  if (sources.regions_after) read_regions(*sources.regions_after, true, index);
  index.labels = sources.label_map ? load_label_map(*sources.label_map) : dataset.recipe.labels();
  return index;
}

}  // namespace nicohort
