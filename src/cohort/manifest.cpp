#include "cohort/manifest.hpp"

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

const std::set<std::string>& own_names() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all(archive_columns.begin(), archive_columns.end());
    all.insert(dataset_columns.begin(), dataset_columns.end());
    all.insert("subset");
    return all;
  }();
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
    throw UsageError(fmt::format("{}: lacks the column{} {}; is it the right manifest?", file,
                                 missing.size() == 1 ? "" : "s", fmt::join(missing, ", ")));
  return indices;
}

}  // namespace nicohort
