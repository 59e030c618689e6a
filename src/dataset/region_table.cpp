#include "dataset/region_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "base/problem.hpp"
#include "base/wording.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_sheet_name = 31;
constexpr const char *by_sample_sheet = "Small Connected Regions ", *by_region_sheet = "Regions";
const std::vector<std::string> by_region_columns{"ID", "label", "voxels", "volume_mm3", "x",
                                                 "y",  "z",     "x_mm",   "y_mm",       "z_mm"};

std::string sheet_name(double volume_thresh) {
  std::string number = format_number(volume_thresh);
  if (number.find_first_of(".e") == std::string::npos) number += ".0";
  return (by_sample_sheet + number).substr(0, longest_sheet_name);
}

}  // namespace

std::string regions_text(const std::vector<MeasuredRegion>& regions, std::size_t limit) {
  constexpr std::size_t ending_room = 32;  // for "; … (+N more)"
  std::string text;
  std::size_t beginning = 0, in_beginning = 0;  // what leaves that room: characters, regions
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const auto& centre = regions[i].centre;
    text += fmt::format("{}({:.0f},{:.0f},{:.0f},{:.2f})", i == 0 ? "" : "; ", centre[0], centre[1],
                        centre[2], regions[i].volume);
    if (text.size() + ending_room <= limit) {
      beginning = text.size();
      in_beginning = i + 1;
    } else if (text.size() > limit) {
      return fmt::format("{}; … (+{} more)", text.substr(0, beginning),
                         regions.size() - in_beginning);
    }
  }
  return text;
}

std::vector<RegionTable> region_tables(const Steps& steps) {
  std::vector<RegionTable> tables;
  for (const StepPtr& step : steps) {
    const auto* listing = dynamic_cast<const ListSmall*>(step.get());
    if (!listing) continue;
    const std::string file = listing->output();
    if (std::any_of(tables.begin(), tables.end(),
                    [&](const RegionTable& table) { return table.file == file; }))
      throw UsageError(
          fmt::format("two steps `list_small` write {}; give one of them another `output`", file));
    tables.push_back({tables.size(), file, listing->smaller_than().amount});
  }
  return tables;
}

namespace {

SampleRegions regions_in(const SampleRecord& record, const StepRecord& step) {
  SampleRegions regions{record.id, {}};
  for (const auto& [label, found] : step.findings.regions) {
    const auto name = record.labels.find(label);
    regions.masks.push_back({label, name == record.labels.end() ? "" : name->second, found});
  }
  return regions;
}

std::vector<const StepRecord*> listings_of(const SampleRecord& record) {
  std::vector<const StepRecord*> listings;
  for (const StepRecord& step : record.steps)
    if (step.work.name == "list_small") listings.push_back(&step);
  return listings;
}

}  // namespace

std::optional<SampleRegions> regions_of(const SampleRecord& record, std::size_t step) {
  const auto listings = listings_of(record);
  if (step >= listings.size() || listings[step]->work.is_spared) return {};
  return regions_in(record, *listings[step]);
}

std::optional<SampleRegions> last_regions_of(const SampleRecord& record) {
  for (std::size_t step = listings_of(record).size(); step-- > 0;)
    if (auto regions = regions_of(record, step)) return regions;
  return {};
}

std::vector<Sheet> region_sheets(const std::vector<SampleRegions>& samples, double volume_thresh) {
  std::map<std::pair<std::uint8_t, std::string>, std::size_t> columns;
  for (const auto& sample : samples)
    for (const auto& mask : sample.masks) columns[{mask.label, mask.name}];
  Table by_sample{{"ID"}, {}};
  for (auto& [mask, column] : columns) {
    column = by_sample.columns.size();
    by_sample.columns.push_back(mask_column(mask.first, mask.second));
  }
  Table by_region{by_region_columns, {}};
  for (const auto& sample : samples) {
    auto& row = by_sample.rows.emplace_back(by_sample.columns.size());
    row[0] = sample.id;
    for (const auto& mask : sample.masks) {
      if (!mask.regions.empty()) row[columns[{mask.label, mask.name}]] = regions_text(mask.regions);
      for (const auto& [voxels, volume, centre, mm] : mask.regions)
        by_region.rows.push_back({sample.id, double(mask.label), double(voxels), volume, centre[0],
                                  centre[1], centre[2], mm[0], mm[1], mm[2]});
    }
  }
  return {{sheet_name(volume_thresh), std::move(by_sample)},
          {by_region_sheet, std::move(by_region)}};
}

namespace {

// Why it is no such table; empty if it is.
std::string fault_of_workbook(const fs::path& file) {
  const std::vector<std::string> sheets = sheet_names(file);
  const auto is_by_sample = [](const std::string& sheet) {
    return sheet.starts_with(by_sample_sheet);
  };
  const bool is_ours = std::any_of(sheets.begin(), sheets.end(), is_by_sample) &&
                       std::all_of(sheets.begin(), sheets.end(), [&](const std::string& sheet) {
                         return is_by_sample(sheet) || sheet == by_region_sheet;
                       });
  return is_ours ? "" : fmt::format("has the worksheets {}", some_of(sheets));
}

std::string fault_of_csv(const fs::path& file, bool is_by_sample) {
  const Table table = read_table(file);
  if (table.rows.empty()) return "";
  const std::vector<std::string>& columns = table.columns;
  const bool is_ours =
      is_by_sample ? !columns.empty() && columns.front() == "ID" &&
                         std::all_of(columns.begin() + 1, columns.end(),
                                     [](const auto& name) { return name.starts_with("mask_"); })
                   : columns == by_region_columns;
  return is_ours ? "" : fmt::format("has the columns {}", some_of(columns));
}

}  // namespace

void require_region_table(const fs::path& file, const std::string& option) {
  const auto require = [&](const fs::path& path, auto&& fault) {
    std::error_code error;
    if (!fs::is_regular_file(path, error) || fs::file_size(path, error) == 0) return;
    std::string what;
    try {
      what = fault(path);
    } catch (const BadInput& bad) {
      what = bad.what();
    }
    if (!what.empty())
      throw UsageError(
          fmt::format("{} {}: is there, and is not a list of small regions: {}; give "
                      "another name, or remove it",
                      option, path.string(), what));
  };
  if (lower_case(file.extension().string()) == ".xlsx") {
    if (begins_as_workbook(file)) require(file, fault_of_workbook);
    return;
  }
  require(file, [](const fs::path& path) { return fault_of_csv(path, true); });
  require(file.parent_path() / (file.stem().string() + ".regions" + file.extension().string()),
          [](const fs::path& path) { return fault_of_csv(path, false); });
}

}  // namespace nicohort
