// What a run has to do.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/archive_listing.hpp"
#include "archive/archive_sample.hpp"
#include "archive/sample_outcome.hpp"
#include "dataset/cache.hpp"
#include "dataset/record.hpp"
#include "run/make_sample.hpp"

namespace nicohort {

// Why a sample is made of which nothing has changed.
inline constexpr const char* again_text = "--again";

struct PlannedSample {
  std::string why;                     // it has to be made, in words; empty: it is unchanged
  bool only_info = false;              // all but its info file is unchanged
  bool is_written = false;             // the dataset has files of it
  bool is_unusable = false;            // its images are those that could not be used before
  std::vector<Problem> problems = {};  // of one that is unchanged
};

// A sample and the record that it has now.
struct LookedAtSample {
  PlannedSample plan;
  std::optional<SampleRecord> record;
};

// Of the dataset and not of the archive: what has to be known of it.
struct OtherSample {
  std::string id, folder;  // as in its record
  bool is_written() const { return !folder.empty(); }
};

// Of the samples that dataset and archive have, those with a mask in the dataset.
struct PlannedMasks {
  std::size_t in_dataset = 0;
  std::vector<OtherSample> gone;         // the archive has not all mask files any more
  std::set<std::filesystem::path> kept;  // the folders of the folders of the others
};

struct Plan {
  std::vector<PlannedSample> samples;  // in the order of those of the archive
  // Of the dataset, whose images the archive has no more or has for other samples.
  std::vector<OtherSample> gone;
  std::map<std::string, std::string> renamed;  // of these, by ID: a sample that has its images now
  std::set<std::string> ruled_out;             // of these: IDs of what `where` leaves out
  std::vector<OtherSample> lost;               // of the archive, but neither it nor the earlier one
                                               // can be used
  std::vector<OtherSample> left;               // of the dataset, whose images cannot be used now
  std::vector<OtherSample> elsewhere;          // of the dataset, made of another archive
  // Of the dataset and not of the archive: records that cannot be read, files without a record.
  std::vector<Problem> damaged;
  std::size_t in_dataset = 0;            // samples with files
  std::set<std::filesystem::path> kept;  // the folders of the folders of those that are not gone
  PlannedMasks masks;

  // Why one of `gone` is taken out, in words.
  std::string why_gone(const OtherSample& sample) const;
};

struct PlanInput {
  const std::filesystem::path& dataset;
  const Making& making;
  const std::vector<ArchiveSample>& samples;  // sorted by ID
  bool is_listing_complete;                   // every folder of the archive could be looked into
  bool again;                                 // everything is to be made
  const std::set<std::string>& ruled_out;     // as scan_archive() gives them
};

// Compares what is wanted with the records: the same inputs, steps, labels and compression, and the
// files as recorded, by the cache where it knows them, else by reading them.
Plan make_plan(const PlanInput& input, Cache& cache);

// Only what the dataset has beside these samples, by the records of both alone: no images or files
// are read but where images of another archive have the same names.
Plan plan_of_others(const PlanInput& input, Cache& cache);

// Of one sample the same, from its record and its files alone.
LookedAtSample look_at(const PlanInput& input, const ArchiveSample& sample, Cache& cache);

// The record of one of them, in the dataset; it must be there.
SampleRecord record_of(const OtherSample& sample, const std::filesystem::path& dataset);

// Whether the dataset keeps what it has of a sample that cannot be made now, for lack of its volume
// or mask: of the images that it was made of, one is still in the archive, and of this sample.
bool is_kept(const SampleRecord& record, const ArchiveNames& archive, const Recipe& recipe,
             Lacking lacking);

// What there is to say of a sample that stays in the dataset though it is not made anew.
Problem problem_of_left(const OtherSample& sample);

// Throws UsageError if more samples are gone, or masks of samples, than a user is likely to have
// meant: more than a tenth of the dataset's, or all of one folder. A disk may be missing, or a
// table damaged. has_new_where: what the recipe's `where` rules out is meant.
void require_few_gone(const Plan& plan, const std::filesystem::path& archive, bool has_new_where);

// Of an image of the archive, by the cache if it knows it; empty if it cannot be read.
std::string sha256_of_image(const ArchiveNames& archive, const std::string& image, Cache& cache);

// The key under which the cache knows an image of the archive.
std::string archive_key(const std::string& image);

}  // namespace nicohort
