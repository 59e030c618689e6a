// The tables and the report of a run.
#pragma once

#include <vector>

#include "routine/run_state.hpp"

namespace nicohort {

// Routine 01, before it writes. Headers that the journal knows are not read again.
Table make_archive_manifest(RunState& run, Report& report);
void write_archive_manifest(RunState& run, Table manifest, const Report& report);

// Routine small_connected_region_detect, before and after cleaning, where the recipe names it.
void write_regions(RunState& run, const std::vector<ArchiveSample>& samples,
                   const std::vector<Outcome>& outcomes, bool is_after);

// Routine 04.
void write_dataset_manifest(RunState& run, const std::vector<ArchiveSample>& samples,
                            const std::vector<Outcome>& outcomes);

// Routines 05 and 06. A split that this archive cannot have is a problem, not the end.
void write_splits(RunState& run);

// After all problems have been written.
void write_report_of(RunState& run, const std::vector<ArchiveSample>& samples,
                     const std::vector<Outcome>& outcomes);

}  // namespace nicohort
