#include "dataset/split_records.hpp"

#include "base/each_index.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void take_records(SplitManifest& manifest, const std::vector<std::size_t>& rows,
                  const fs::path& dataset,
                  const std::function<const SampleRecord*(const std::string& id)>& record_of) {
  std::error_code error;
  if (!record_of && !fs::is_directory(OwnFolder(dataset).path(), error)) return;
  for_each_index(rows.size(), 0, [&](std::size_t i) {
    SplitRow& row = manifest.rows()[rows[i]];
    if (record_of) {
      if (const SampleRecord* record = record_of(row.id)) take_from_record(row, *record);
    } else if (const auto record = readable_record(dataset, row.id)) {
      take_from_record(row, *record);
    }
  });
}

}  // namespace nicohort
