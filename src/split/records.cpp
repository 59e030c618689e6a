#include "split/records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/each_index.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Empty where the record has not all parts.
std::string patient_of(const SampleRecord& record, const Recipe& recipe) {
  PartValues values;
  for (const Part& part : recipe.parts()) {
    const auto known = std::find_if(record.parts.begin(), record.parts.end(),
                                    [&](const auto& value) { return value.first == part.name; });
    if (known == record.parts.end()) return "";
    values.push_back(known->second);
  }
  return recipe.patient(values);
}

}  // namespace

void take_records(SplitManifest& manifest, const std::vector<std::size_t>& rows,
                  const fs::path& dataset) {
  std::error_code error;
  if (!fs::is_directory(OwnFolder(dataset).path(), error)) return;
  std::vector<std::string> patients(rows.size());  // as the records say; empty: none does
  for_each_index(rows.size(), 0, [&](std::size_t i) {
    SplitRow& row = manifest.rows()[rows[i]];
    if (const auto record = readable_record(dataset, row.id)) {
      take_from_record(row, *record);
      patients[i] = patient_of(*record, manifest.recipe());
    }
  });
  RowFaults faults(manifest.table());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const SplitRow& row = manifest.rows()[rows[i]];
        !patients[i].empty() && patients[i] != row.patient)
      faults.add(rows[i], fmt::format("the patient of {} is `{}`, but `{}` in the sample's record",
                                      row.id, row.patient, patients[i]));
  manifest.require(faults);
}

}  // namespace nicohort
