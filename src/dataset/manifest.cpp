#include "dataset/manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "base/problem.hpp"
#include "dataset/layout.hpp"

namespace nicohort {

double written_spacing(const Geometry& geometry, int axis) {
  double spacing = geometry.spacing[axis];
  if (!geometry.spacing_is_float) return spacing;
  return std::strtod(format_number(static_cast<float>(spacing)).c_str(), nullptr);
}

std::vector<std::string> archive_columns(const Recipe& recipe) {
  std::vector<std::string> columns{"file_path"};
  for (const Part& part : recipe.parts()) columns.push_back(part.name);
  columns.push_back("type");
  if (!recipe.channels().names.empty()) columns.push_back("channel");
  if (recipe.images().overlap()) columns.push_back("label");
  for (const char* column : {"szx", "szy", "szz", "spx", "spy", "spz", "orientation_from",
                             "orientation_to", "dtype", "transform", "diff_trans_f_norm"})
    columns.push_back(column);
  return columns;
}

std::set<std::string> own_names(const Recipe& recipe) {
  const auto columns = archive_columns(recipe);
  std::set<std::string> names(columns.begin(), columns.end());
  for (const char* column :
       {"ID", "valid_labels", "info", "volume", "mask", "vol_dtype", "mask_dtype"})
    names.insert(column);
  for (const std::string& channel : recipe.channels().all()) names.insert(volume_column(channel));
  if (recipe.has_folder()) names.insert("subset");
  return names;
}

std::vector<Cell> geometry_cells(const Geometry& geometry) {
  return {double(geometry.size.x),           double(geometry.size.y),
          double(geometry.size.z),           written_spacing(geometry, 0),
          written_spacing(geometry, 1),      written_spacing(geometry, 2),
          orientation_from(geometry.affine), orientation_to(geometry.affine)};
}

std::vector<std::size_t> require_columns(const Table& table,
                                         const std::vector<std::string>& columns,
                                         const std::string& file) {
  std::vector<std::size_t> indices;
  std::vector<std::string> missing;
  for (const std::string& column : columns) {
    if (auto index = table.find(column))
      indices.push_back(*index);
    else
      missing.push_back(column);
  }
  if (!missing.empty())
    throw UsageError(
        fmt::format("{}: does not have the column{} {}; check that it is the right manifest", file,
                    missing.size() == 1 ? "" : "s", fmt::join(missing, ", ")));
  return indices;
}

}  // namespace nicohort
