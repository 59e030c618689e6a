#include "dataset/dataset_manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "dataset/column_names.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr double rounding = 1e-5;  // mm

// Where a name stands in the list, at whose end it is put if it is new.
std::uint32_t index_of(const std::string& name, std::vector<std::string>& names) {
  const auto known = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<std::uint32_t>(known - names.begin());
  if (known == names.end()) names.push_back(name);
  return index;
}

bool is_xlsx(const std::filesystem::path& file) {
  return lower_case(file.extension().string()) == ".xlsx";
}

Cell cell_of(const std::string& text) {
  return text.empty() ? Cell() : Cell(text);
}

constexpr std::array geometry_columns{"szx",
                                      "szy",
                                      "szz",
                                      "spx",
                                      "spy",
                                      "spz",
                                      "orientation_from",
                                      "orientation_to",
                                      "vol_dtype",
                                      "mask_dtype",
                                      "transform"};

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
  require_keepable(workbook);
  if (!is_xlsx(workbook))
    write_table(workbook, manifest);
  else if (begins_as_workbook(workbook))
    put_sheet(workbook, manifest);
  else
    write_workbook(workbook, manifest);
  list_table(workbook);
}

void require_keepable(const std::filesystem::path& workbook) {
  std::error_code error;
  if (std::filesystem::is_symlink(workbook, error))
    throw UsageError(
        fmt::format("{}: is a symbolic link to {}, and nicohort does not write "
                    "through links; remove the link",
                    workbook.string(), std::filesystem::read_symlink(workbook, error).string()));
  if (!is_xlsx(workbook) || !begins_as_workbook(workbook)) return;
  try {
    sheet_names(workbook);
  } catch (const BadInput& bad) {
    throw UsageError(
        fmt::format("{}: {}. Its other worksheets would be lost, so it is not replaced: repair it, "
                    "restore it from a backup, or move it away",
                    workbook.string(), bad.what()));
  }
}

void DatasetTable::add(const SampleDescription& sample) {
  Row& row = rows_.emplace_back();
  const auto put = [&](Group group, std::size_t index, Cell cell) {
    if (is_empty(cell)) return;
    const Place place{group, static_cast<std::uint32_t>(index)};
    if (auto* const text = std::get_if<Text>(&cell)) {
      Text& last = last_texts_[place];
      if (last == *text)
        *text = last;
      else
        last = *text;
    }
    row.emplace_back(place, std::move(cell));
  };
  if (rows_.size() == 1)
    for (const auto& [part, value] : sample.info.parts) parts_.push_back(part);
  std::size_t first = 0;
  put(Group::first, first++, sample.info.id);
  for (const auto& [part, value] : sample.info.parts) put(Group::first, first++, cell_of(value));
  std::vector<std::string> valid;
  for (const auto& [file, exists] : sample.binaries)
    if (exists && !file.is_group) valid.push_back(label_text(file.label, file.name));
  put(Group::first, first++, cell_of(fmt::format("{}", fmt::join(valid, ","))));
  put(Group::first, first++, sample.files.info().generic_string());
  for (const std::string& channel : sample.channels)
    put(Group::volume, index_of(channel, channels_), sample.files.volume(channel).generic_string());
  if (sample.mask) put(Group::mask, 0, sample.files.mask().generic_string());
  for (const auto& [file, exists] : sample.binaries) {
    const MaskKey key(file.is_group, file.label, file.name);
    const auto place = masks_.emplace(key, static_cast<std::uint32_t>(masks_.size())).first->second;
    put(Group::binary, place, file.path.generic_string());
    put(Group::existence, place, exists ? 1.0 : 0.0);
  }
  std::size_t at = 0;
  for (Cell& cell : geometry_cells(sample.volume.geometry))
    put(Group::geometry, at++, std::move(cell));
  put(Group::geometry, at++, std::string(name(sample.volume.type)));
  put(Group::geometry, at++, sample.mask ? Cell(std::string(name(sample.mask->type))) : Cell());
  put(Group::geometry, at, transform_json(sample.volume.geometry.affine));
  for (const auto& [name, value] : sample.info.attributes) {
    const auto [known, is_new] = place_of_attribute_.emplace(name, attributes_.size());
    if (is_new) attributes_.push_back(name);
    put(Group::attribute, known->second, value);
  }
  row.shrink_to_fit();
}

std::map<DatasetTable::Group, std::vector<std::string>> DatasetTable::columns() const {
  std::map<Group, std::vector<std::string>> columns;
  columns[Group::first] = {"ID"};
  columns[Group::first].insert(columns[Group::first].end(), parts_.begin(), parts_.end());
  columns[Group::first].insert(columns[Group::first].end(), {"valid_labels", "info"});
  for (const std::string& channel : channels_)
    columns[Group::volume].push_back(volume_column(channel));
  columns[Group::mask] = {"mask"};
  for (const auto& [key, place] : masks_) {
    const auto& [is_group, label, name] = key;
    const std::string column = BinaryMaskFile{label, name, {}, is_group}.column();
    columns[Group::binary].push_back(column);
    columns[Group::existence].push_back(column + "_existence");
  }
  columns[Group::geometry].assign(geometry_columns.begin(), geometry_columns.end());
  std::set<std::string> own;
  for (const auto& [group, names] : columns) own.insert(names.begin(), names.end());
  columns[Group::attribute] = free_names(attributes_, own);
  return columns;
}

Table DatasetTable::table() && {
  Table table;
  std::map<Group, std::size_t> begin;
  for (const auto& [group, names] : columns()) {
    begin[group] = table.columns.size();
    table.columns.insert(table.columns.end(), names.begin(), names.end());
  }
  std::vector<std::size_t> place_of_mask(masks_.size());  // masks stand in the order of their keys
  std::size_t next = 0;
  for (const auto& [key, index] : masks_) place_of_mask[index] = next++;
  table.rows.reserve(rows_.size());
  for (Row& row : rows_) {
    auto& cells = table.rows.emplace_back(table.columns.size());
    for (auto& [place, cell] : row) {
      const bool is_of_mask = place.group == Group::binary || place.group == Group::existence;
      cells[begin[place.group] + (is_of_mask ? place_of_mask[place.index] : place.index)] =
          std::move(cell);
    }
    row = Row();
  }
  return table;
}

Table dataset_table(const std::vector<SampleDescription>& samples) {
  DatasetTable table;
  for (const SampleDescription& sample : samples) table.add(sample);
  return std::move(table).table();
}

void change_paths(Table& table,
                  const std::function<std::string(const std::filesystem::path&)>& change) {
  if (!table.find("info"))
    throw BadInput(ProblemKind::table,
                   "has no column info; use the manifest that gen_dataset_manifest or run wrote");
  for (auto& row : table.rows)
    for (std::size_t column = 0; column < row.size(); ++column)
      if (const auto* path = std::get_if<Text>(&row[column]);
          path && is_file_of_column(table.columns[column], path->view()))
        row[column] = change(to_text(row[column]));
}

}  // namespace nicohort
