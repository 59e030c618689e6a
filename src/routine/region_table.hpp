// The manifest of small connected regions.
#pragma once

#include <string>
#include <vector>

#include "step/measure.hpp"
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

// The sheets `Small Connected Regions {thresh}` (a row a sample) and `Regions` (a row a region).
std::vector<Sheet> region_sheets(const std::vector<SampleRegions>& samples, double volume_thresh);

// `(x,y,z,volume); (…)`, at most `limit` characters: what does not fit is counted, `… (+N more)`.
std::string regions_text(const std::vector<MeasuredRegion>& regions, std::size_t limit = 32767);

}  // namespace nicohort
