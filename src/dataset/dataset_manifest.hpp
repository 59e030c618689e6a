// The dataset manifest: one row a sample (tutorial, routine 04).
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dataset/info.hpp"
#include "dataset/record.hpp"
#include "dataset/samples.hpp"
#include "image/header.hpp"
#include "table/table_file.hpp"

namespace nicohort {

// All that the manifest says of a sample.
struct SampleDescription {
  SampleFiles files;
  SampleInfo info;
  std::vector<std::string> channels{""};  // by name; one empty name where a volume has none
  Header volume;                          // of the first channel
  std::optional<Header> mask;             // a sample may have a volume alone
  struct Binary {
    BinaryMaskFile file;
    bool exists = false;  // has a voxel that is set
  };
  std::vector<Binary> binaries;  // by label, then of groups
};

// What speaks against an image being of the same sample as the volume; empty if nothing does.
// Affines and spacings may differ by rounding (1e-5 mm).
std::string inconsistency(const Geometry& volume, const Geometry& other);

// The same of a mask, whose type must also be that of the sample's other masks.
std::string inconsistency(const Header& volume, const Header& mask, DataType mask_type);

// What a record says of its sample; its files must be as recorded.
SampleDescription describe(const SampleRecord& record, const SampleInfo& info);

// The manifest under construction, row by row: of many samples their descriptions take more memory
// than their rows.
class DatasetTable {
 public:
  void add(const SampleDescription& sample);
  std::size_t rows() const { return rows_.size(); }
  // With the columns that any of the samples has.
  Table table() &&;

 private:
  // Where a cell stands: groups of columns are beside each other.
  enum class Group : std::uint8_t { first, volume, mask, binary, existence, geometry, attribute };
  struct Place {
    Group group;
    std::uint32_t index;  // in its group, by first appearance
    auto operator<=>(const Place&) const = default;
  };
  using Row = std::vector<std::pair<Place, Cell>>;
  // Groups of labels behind labels.
  using MaskKey = std::tuple<bool, std::uint8_t, std::string>;

  std::map<Group, std::vector<std::string>> columns() const;

  std::vector<std::string> parts_;  // of the first sample: all have the recipe's
  std::vector<std::string> channels_;
  std::map<MaskKey, std::uint32_t> masks_;
  std::vector<std::string> attributes_;
  std::unordered_map<std::string, std::uint32_t> place_of_attribute_;
  std::vector<Row> rows_;
  std::map<Place, Text> last_texts_;  // rows that say the same share it
};

// Changes all paths of files in a table that has the manifest's columns. Throws BadInput for one
// that has not.
void change_paths(Table& table,
                  const std::function<std::string(const std::filesystem::path&)>& change);

// The table of these, in this order.
Table dataset_table(const std::vector<SampleDescription>& samples);

// Writes the manifest's worksheet, beside which all others of the workbook stay, and lists its
// checksum. Throws UsageError as require_keepable().
void put_manifest(const std::filesystem::path& workbook, const Sheet& manifest);

// Throws UsageError where a workbook is in this place that cannot be read, so that its worksheets
// would be lost, or a link. A file that is no workbook has none.
void require_keepable(const std::filesystem::path& workbook);

}  // namespace nicohort
