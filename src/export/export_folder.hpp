// Where an export may be, and what else is there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "export/plan.hpp"
#include "export/written_export.hpp"

namespace nicohort {

// Throws UsageError for a file, and for a folder in a dataset, or in the archive beside this one:
// an export there would be taken for a part of it.
void require_outside(const std::filesystem::path& output, const std::filesystem::path& dataset);

// Throws UsageError where the export's folder has files that nicohort did not write; hidden ones
// and those of the plan's framework are passed over. Links to folders are files here, since nothing
// may be written through them. Throws MachineError where it cannot be listed.
void require_no_others(const ExportPlan& plan, const WrittenExport& written);

// Removes these files of the export (paths below its folder), and folders that are empty then.
// Throws MachineError.
void remove_files(const std::filesystem::path& folder, const std::vector<std::string>& files);

}  // namespace nicohort
