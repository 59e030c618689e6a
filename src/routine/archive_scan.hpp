// What routine 01 finds in an archive.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/parallel.hpp"
#include "cohort/archive_names.hpp"
#include "cohort/recipe.hpp"
#include "nifti/header.hpp"
#include "table/table.hpp"

namespace nicohort {

struct ScannedArchive {
  Table manifest;
  std::size_t image_files = 0, patients = 0;  // found, whether they are in the manifest or not
  bool is_complete = true;                    // every folder could be listed
};

// Gives the header of an image, by its presented name. Throws BadInput.
using ReadHeader = std::function<Header(const std::string& name)>;

// Throws UsageError when there is no image or none fits the recipe.
ScannedArchive scan_archive(ArchiveNames& names, const Recipe& recipe, const ReadHeader& read,
                            const Effort& effort, Report& report);

}  // namespace nicohort
