// What an archive has: its images, told apart by the recipe, with their headers and metadata, as
// the archive manifest lists them (SPEC 4, routine 01).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "archive/archive_listing.hpp"
#include "archive/archive_names.hpp"
#include "archive/metadata.hpp"
#include "archive/sample_outcome.hpp"
#include "base/parallel.hpp"
#include "image/header.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// The images of an archive. Throws UsageError when there is none or none fits the recipe. option:
// of the command line, that says where the archive is.
ArchiveListing list_images(ArchiveNames& names, const Recipe& recipe, const std::string& option);

struct ScannedArchive {
  Table manifest;
  std::size_t patients = 0;          // found, whether they are in the manifest or not
  std::vector<std::string> samples;  // the same of IDs, sorted
  std::set<std::string> ruled_out;   // IDs of samples that have a value that `where` does not want
  // Images of which others match the same, so none is used, and IDs of samples with a volume that
  // is not read: the report says so.
  std::vector<std::string> told;
  std::vector<Problem> doubts;  // reported, of images that are used all the same
};

// Gives the header of an image, by its presented name, which should hold so many channels. Throws
// BadInput.
using ReadHeader =
    std::function<std::shared_ptr<const Header>(const std::string& name, std::int64_t channels)>;

// listing: as list_images() gave it; the images are taken out, since there may be very many. kept:
// as load_metadata() wants it. outcome: of samples with files that cannot be used.
ScannedArchive scan_archive(ArchiveNames& names, ArchiveListing& listing, const Recipe& recipe,
                            const ReadHeader& read, const Context& context, Report& report,
                            const KeptMetadata& kept = {},
                            const SampleOutcome& outcome = no_outcome);

}  // namespace nicohort
