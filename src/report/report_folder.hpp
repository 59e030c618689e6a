// The report on disk: a folder that opens in any browser.
#pragma once

#include <filesystem>

#include "report/cohort_report.hpp"

namespace nicohort {

// Writes a sample's thumbnail; any thread. Throws MachineError.
void write_thumbnail(const std::filesystem::path& folder, const std::string& id,
                     const PalettePicture& picture);

// Removes thumbnails of an earlier report that this one does not show.
void remove_old_thumbnails(const std::filesystem::path& folder, const CohortReport& report);

// Writes the pages and the data, these last. Throws MachineError.
void write_report(const std::filesystem::path& folder, const CohortReport& report);

}  // namespace nicohort
