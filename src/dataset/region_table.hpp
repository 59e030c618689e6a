// The manifest of small connected regions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dataset/record.hpp"
#include "step/list_small.hpp"
#include "table/table_file.hpp"

namespace nicohort {

struct MaskRegions {
  std::uint8_t label = 0;
  std::string name;
  std::vector<MeasuredRegion> regions;
};

struct SampleRegions {
  std::string id;
  std::vector<MaskRegions> masks;
};

// A table that a recipe's steps make.
struct RegionTable {
  std::size_t step = 0;  // the how many-th `list_small` it is, from 0
  std::string file;
  double smaller_than = 0;  // in the step's unit
};
// One for each `list_small`, with the file that it names or, after a step that adds voxels, another
// default. Throws UsageError if two have one name.
std::vector<RegionTable> region_tables(const Steps& steps);

// What the `step`-th `list_small` of the record found; nothing if it has none.
std::optional<SampleRegions> regions_of(const SampleRecord& record, std::size_t step);
// The same of the last one.
std::optional<SampleRegions> last_regions_of(const SampleRecord& record);

// The sheets `Small Connected Regions {smaller_than}` (a row a sample) and `Regions` (a row a
// region).
std::vector<Sheet> region_sheets(const std::vector<SampleRegions>& samples, double smaller_than);

// For who is about to write such a table: throws UsageError, with the option that names it, where
// another workbook or table with rows is there, or beside a CSV file where that of `Regions` goes.
// It would be replaced.
void require_region_table(const std::filesystem::path& file, const std::string& option);

// `(x,y,z,volume); (…)`, at most `limit` characters: what does not fit is counted, `… (+N more)`.
std::string regions_text(const std::vector<MeasuredRegion>& regions, std::size_t limit = 32767);

}  // namespace nicohort
