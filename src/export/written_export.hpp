// What nicohort remembers of an export in the export's folder, `.nicohort_export.jsonl`: what its
// files were made of, so that the next export makes only what has changed, and removes only its
// own; and which samples it is of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "export/cohort.hpp"
#include "export/place.hpp"
#include "export/plan.hpp"

namespace nicohort {

struct WrittenFile {
  Sha256Bytes made_of{};  // of what it was made of, and how
  LinkKind kind = LinkKind::copy;
  bool is_finished = false;
  bool is_wanted = false;                 // by the export that is made now
  std::int64_t bytes = -1, modified = 0;  // as FileState, of what a link leads to
};

struct WrittenSample {
  std::string subset;
  std::string scan;  // the value hash of its first channel
};

struct WrittenExport {
  std::string format;  // of the plan
  std::string made;    // how: kind of links
  std::string split;
  std::map<std::string, WrittenSample> samples = {};  // by ID
  // By path below the folder, or that of the plan's files beside it.
  std::map<std::string, WrittenFile> files = {};
};

// Empty where there is no folder, or none of an export. Throws UsageError where it is an export of
// another format, or its own file is damaged or names other files than these.
WrittenExport read_written_export(const ExportPlan& plan);
// files: of this export, by path.
void put_written_export(const ExportPlan& plan, const ExportCohort& cohort, const std::string& made,
                        const std::map<std::string, WrittenFile>& files);

// Whether the export was of these samples, in the same subsets.
bool is_of_samples(const WrittenExport& before, const ExportCohort& cohort);
// Throws UsageError if not one scan of the export before is one of these samples: it is of another
// dataset.
void require_same_dataset(const ExportPlan& plan, const WrittenExport& before,
                          const ExportCohort& cohort);
// Warns of samples that have moved to another subset of the same split, or by another split into or
// out of test: a model that was trained with the export before may have seen what is its test now.
void warn_of_moved_samples(const WrittenExport& before, const ExportCohort& cohort,
                           Listener& listener);

}  // namespace nicohort
