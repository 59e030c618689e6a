// What nicohort remembers of an export in the export's folder, `.nicohort_export.json`: what its
// files were made of, so that the next export makes only what has changed, and removes only its
// own.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "export/plan.hpp"

namespace nicohort {

struct WrittenExport {
  std::string format;  // of the plan
  std::string made;    // how: kind of links
  // By path below the folder, or that of the plan's files beside it: what the file was made of;
  // empty where it was not finished.
  std::map<std::string, std::string> files;
};

// Empty where there is no folder, or an empty one. Throws UsageError where the folder has files and
// is no export of this format, or the file is damaged or names other files than these.
WrittenExport read_written_export(const ExportPlan& plan);
void put_written_export(const std::filesystem::path& folder, const WrittenExport& written);

}  // namespace nicohort
