// What routine 01 finds in an archive.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "base/parallel.hpp"
#include "cohort/recipe.hpp"
#include "nifti/header.hpp"
#include "table/table.hpp"

namespace nicohort {

struct ScannedArchive {
  Table manifest;
  std::size_t image_files = 0, patients = 0;  // found, whether they are in the manifest or not
};

// Gives the header of an image, by its path below the archive. Throws BadInput.
using ReadHeader = std::function<Header(const std::string& path)>;

// Throws UsageError when there is no image or none fits the recipe.
ScannedArchive scan_archive(const std::filesystem::path& root, const Recipe& recipe,
                            const ReadHeader& read, const Effort& effort, Report& report);

}  // namespace nicohort
