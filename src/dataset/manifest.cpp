#include "dataset/manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "base/problem.hpp"

namespace nicohort {

double written_spacing(const Geometry& geometry, int axis) {
  double spacing = geometry.spacing[axis];
  if (!geometry.spacing_is_float) return spacing;
  return std::strtod(format_number(static_cast<float>(spacing)).c_str(), nullptr);
}

std::vector<std::string> archive_columns(const std::vector<std::string>& parts) {
  std::vector<std::string> columns{"file_path"};
  columns.insert(columns.end(), parts.begin(), parts.end());
  for (const char* column : {"type", "szx", "szy", "szz", "spx", "spy", "spz", "orientation_from",
                             "orientation_to", "dtype", "transform", "diff_trans_f_norm"})
    columns.push_back(column);
  return columns;
}

std::set<std::string> own_names(const std::vector<std::string>& parts, bool has_folder) {
  const auto columns = archive_columns(parts);
  std::set<std::string> names(columns.begin(), columns.end());
  for (const char* column :
       {"ID", "valid_labels", "info", "volume", "mask", "vol_dtype", "mask_dtype"})
    names.insert(column);
  if (has_folder) names.insert("subset");
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
