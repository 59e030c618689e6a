#include "dataset/dataset_manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "dataset/column_names.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr double rounding = 1e-5;  // mm

// The channels of all samples, in their order.
std::vector<std::string> channels_of(const std::vector<SampleDescription>& samples) {
  std::vector<std::string> channels;
  for (const auto& sample : samples)
    for (const std::string& channel : sample.channels)
      if (std::find(channels.begin(), channels.end(), channel) == channels.end())
        channels.push_back(channel);
  return channels;
}

// The names of all samples' attributes, in their order.
std::vector<std::string> attributes_of(const std::vector<SampleDescription>& samples) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const auto& sample : samples)
    for (const auto& [name, value] : sample.info.attributes)
      if (known.insert(name).second) names.push_back(name);
  return names;
}

}  // namespace

std::string inconsistency(const Geometry& volume, const Geometry& other) {
  std::vector<std::string> parts;
  if (!(volume.size == other.size)) parts.push_back("size");
  Affine difference = (volume.affine - other.affine).cwiseAbs();
  if (difference.topLeftCorner<3, 3>().maxCoeff() > rounding) parts.push_back("affine");
  for (int axis = 0; axis < 3; ++axis)
    if (std::abs(volume.spacing[axis] - other.spacing[axis]) > rounding) {
      parts.push_back("spacing");
      break;
    }
  if (difference.topRightCorner<3, 1>().maxCoeff() > rounding) parts.push_back("origin");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string inconsistency(const Header& volume, const Header& mask, DataType expected) {
  std::string differs = inconsistency(volume.geometry, mask.geometry);
  if (mask.type != expected)
    differs += fmt::format("{}type ({}, not {})", differs.empty() ? "" : ", ", name(mask.type),
                           name(expected));
  return differs;
}

SampleDescription describe(const SampleRecord& record, const SampleInfo& info) {
  SampleDescription description;
  description.files = record.sample_files();
  description.info = info;
  if (record.volume) {
    description.volume = {.geometry = record.volume->geometry, .type = record.volume->type};
    description.channels.clear();
    for (const ChannelSummary& channel : record.volume->channels)
      description.channels.push_back(channel.name);
  }
  if (!record.mask) return description;
  description.mask = description.volume;
  description.mask->type = DataType::uint8;
  std::int64_t background = description.volume.geometry.size.voxels();
  std::map<std::uint8_t, std::int64_t> voxels;
  for (const auto& [label, count] : record.mask->voxels) {
    voxels[label] = count;
    background -= count;
  }
  voxels[0] = background;
  for (const auto& [label, name] : record.labels)
    description.binaries.push_back(
        {{label, name, description.files.binary_mask(label, name)}, voxels[label] > 0});
  for (std::size_t i = 0; i < record.groups.size(); ++i) {
    const auto& [name, labels] = record.groups[i];
    const bool exists = std::any_of(labels.begin(), labels.end(),
                                    [&](std::uint8_t label) { return voxels[label] > 0; });
    description.binaries.push_back(
        {{static_cast<std::uint8_t>(i), name, description.files.group_mask(name), true}, exists});
  }
  return description;
}

void put_manifest(const std::filesystem::path& workbook, const Sheet& manifest) {
  std::error_code error;
  const bool is_xlsx = lower_case(workbook.extension().string()) == ".xlsx";
  bool is_there = is_xlsx && std::filesystem::is_regular_file(workbook, error);
  try {
    if (is_there) sheet_names(workbook);
  } catch (const BadInput&) {
    is_there = false;  // nothing that could be kept
  }
  if (is_there)
    put_sheet(workbook, manifest);
  else if (is_xlsx)
    write_workbook(workbook, manifest);
  else
    write_table(workbook, manifest);
  list_table(workbook);
}

Table dataset_table(const std::vector<SampleDescription>& samples) {
  Table table;
  table.columns = {"ID"};
  if (!samples.empty())  // all have the recipe's
    for (const auto& [part, value] : samples.front().info.parts) table.columns.push_back(part);
  for (const char* column : {"valid_labels", "info"}) table.columns.push_back(column);
  const std::vector<std::string> channels = channels_of(samples);
  for (const std::string& channel : channels) table.columns.push_back(volume_column(channel));
  table.columns.push_back("mask");
  const std::size_t first_mask = table.columns.size();
  // By what makes their order, groups behind labels.
  std::map<std::tuple<bool, std::uint8_t, std::string>, std::size_t> masks;
  const auto key_of = [](const BinaryMaskFile& file) {
    return std::tuple(file.is_group, file.label, file.name);
  };
  std::vector<std::string> existence_columns;
  for (const auto& sample : samples)
    for (const auto& binary : sample.binaries) masks[key_of(binary.file)];
  for (auto& [mask, place] : masks) {
    const auto& [is_group, label, name] = mask;
    place = table.columns.size() - first_mask;
    table.columns.push_back(BinaryMaskFile{label, name, {}, is_group}.column());
    existence_columns.push_back(table.columns.back() + "_existence");
  }
  table.columns.insert(table.columns.end(), existence_columns.begin(), existence_columns.end());
  for (const char* column : {"szx", "szy", "szz", "spx", "spy", "spz", "orientation_from",
                             "orientation_to", "vol_dtype", "mask_dtype", "transform"})
    table.columns.push_back(column);
  const std::set<std::string> own(table.columns.begin(), table.columns.end());
  std::unordered_map<std::string, std::size_t> attributes;
  const std::vector<std::string> names = attributes_of(samples), columns = free_names(names, own);
  for (std::size_t i = 0; i < names.size(); ++i) {
    attributes.emplace(names[i], table.columns.size());
    table.columns.push_back(columns[i]);
  }
  for (const auto& sample : samples) {
    std::vector<std::string> valid;
    std::vector<Cell> paths(masks.size()), existence(masks.size());
    for (const auto& [file, exists] : sample.binaries) {
      const std::size_t place = masks.at(key_of(file));
      paths[place] = file.path.generic_string();
      existence[place] = exists ? 1.0 : 0.0;
      if (exists && !file.is_group) valid.push_back(label_text(file.label, file.name));
    }
    const auto& [files, info, of_sample, volume, mask, binaries] = sample;
    std::vector<Cell> row{info.id};
    for (const auto& [part, value] : info.parts)
      row.push_back(value.empty() ? Cell() : Cell(value));
    row.push_back(valid.empty() ? Cell() : Cell(fmt::format("{}", fmt::join(valid, ","))));
    row.push_back(files.info().generic_string());
    for (const std::string& channel : channels) {
      const bool is_there =
          std::find(of_sample.begin(), of_sample.end(), channel) != of_sample.end();
      row.push_back(is_there ? Cell(files.volume(channel).generic_string()) : Cell());
    }
    row.push_back(mask ? Cell(files.mask().generic_string()) : Cell());
    row.insert(row.end(), paths.begin(), paths.end());
    row.insert(row.end(), existence.begin(), existence.end());
    auto cells = geometry_cells(volume.geometry);
    row.insert(row.end(), cells.begin(), cells.end());
    row.push_back(std::string(name(volume.type)));
    row.push_back(mask ? Cell(std::string(name(mask->type))) : Cell());
    row.push_back(transform_json(volume.geometry.affine));
    row.resize(table.columns.size());
    for (const auto& [name, value] : info.attributes) row[attributes.at(name)] = value;
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The columns of paths stand together, from `info` on and before what is known of the masks.
void change_paths(Table& table,
                  const std::function<std::string(const std::filesystem::path&)>& change) {
  const auto first = table.find("info");
  if (!first)
    throw BadInput(ProblemKind::table,
                   "has no column info, before the paths of the other files; use the manifest that "
                   "gen_dataset_manifest or run wrote");
  const auto last =
      std::find_if(table.columns.begin() + *first, table.columns.end(),
                   [](const auto& name) { return name == "szx" || name.ends_with("_existence"); });
  for (auto& row : table.rows)
    for (std::size_t column = *first; column < std::size_t(last - table.columns.begin()); ++column)
      if (!is_empty(row[column])) row[column] = change(to_text(row[column]));
}

}  // namespace nicohort
