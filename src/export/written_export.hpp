// What nicohort remembers of an export in the export's folder, `.nicohort_export.json`: what its
// files were made of, so that the next export makes only what has changed, and removes only its
// own; and which samples it is of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/listener.hpp"
#include "export/cohort.hpp"
#include "export/place.hpp"
#include "export/plan.hpp"

namespace nicohort {

struct WrittenFile {
  std::string made_of;  // checksums; empty: it was not finished
  LinkKind kind = LinkKind::copy;
  std::int64_t bytes = -1, modified = 0;  // as FileState, of what a link leads to
  bool operator==(const WrittenFile&) const = default;
};

struct WrittenSample {
  std::string subset;
  std::string scan;  // the value hash of its first channel
  bool operator==(const WrittenSample&) const = default;
};

struct WrittenExport {
  std::string format;  // of the plan
  std::string made;    // how: kind of links
  std::string split;
  std::map<std::string, WrittenSample> samples;  // by ID
  // By path below the folder, or that of the plan's files beside it.
  std::map<std::string, WrittenFile> files;
  bool operator==(const WrittenExport&) const = default;
};

// What there will be, but for the files.
WrittenExport export_of(const ExportPlan& plan, const ExportCohort& cohort, std::string made);

// Empty where there is no folder, or none of an export. Throws UsageError where it is an export of
// another format, or its own file is damaged or names other files than these.
WrittenExport read_written_export(const ExportPlan& plan);
void put_written_export(const std::filesystem::path& folder, const WrittenExport& written);

// Throws UsageError if not one scan of the export before is one of these samples: it is of another
// dataset.
void require_same_dataset(const ExportPlan& plan, const WrittenExport& before,
                          const WrittenExport& now);
// Warns of samples that have moved to another subset of the same split: a model that was trained
// with one as it was may have seen what is its test now.
void warn_of_moved_samples(const WrittenExport& before, const WrittenExport& now,
                           Listener& listener);

}  // namespace nicohort
