// The columns of the manifests (tutorial, routines 01 and 04) and what several routines read from
// them.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nifti/header.hpp"
#include "table/table.hpp"

namespace nicohort {

// Columns of the archive manifest before the additional attributes.
inline constexpr std::array<std::string_view, 16> archive_columns{"file_path",
                                                                  "site",
                                                                  "phase",
                                                                  "pid",
                                                                  "type",
                                                                  "szx",
                                                                  "szy",
                                                                  "szz",
                                                                  "spx",
                                                                  "spy",
                                                                  "spz",
                                                                  "orientation_from",
                                                                  "orientation_to",
                                                                  "dtype",
                                                                  "transform",
                                                                  "diff_trans_f_norm"};

// Columns that every dataset manifest has beside those; the masks' depend on the labels.
inline constexpr std::array<std::string_view, 7> dataset_columns{
    "ID", "valid_labels", "info", "volume", "mask", "vol_dtype", "mask_dtype"};

// The names that no additional attribute can have, as a manifest or the info file uses them.
const std::set<std::string>& own_names();

// `szx szy szz spx spy spz orientation_from orientation_to` of an image.
std::vector<Cell> geometry_cells(const Geometry& geometry);

// Spacing as written in manifests: the fewest digits that give back what the header stores, as a
// double.
double written_spacing(const Geometry& geometry, int axis);

// Indices of these columns. Throws UsageError that names the file and the missing columns.
std::vector<std::size_t> require_columns(const Table& table,
                                         const std::vector<std::string>& columns,
                                         const std::string& file);

}  // namespace nicohort
