// The report on disk: a folder that opens in any browser.
#pragma once

#include <filesystem>

#include "report/cohort_report.hpp"

namespace nicohort {

// Removes thumbnails of an earlier report that this one does not show.
void remove_old_thumbnails(const std::filesystem::path& folder, const CohortReport& report);

// Writes the pages and the data, these last. Throws MachineError.
void write_report(const std::filesystem::path& folder, const CohortReport& report);

}  // namespace nicohort
