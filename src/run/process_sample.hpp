// One sample from the archive to the dataset in a single pass over its volume: the steps of
// routines 02 and 03, of thresholding, denoising and measuring, with every file written once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/gzip.hpp"
#include "cohort/archive_names.hpp"
#include "cohort/archive_sample.hpp"
#include "cohort/dataset_manifest.hpp"
#include "record/sample_record.hpp"
#include "report/cohort_report.hpp"
#include "run/outcome.hpp"
#include "run/pipeline.hpp"

namespace nicohort {

// Where things lie below the root of a run.
inline constexpr const char *archive_folder = "archive", *dataset_folder = "grouped",
                            *descriptor_folder = "descriptor", *report_folder = "report";

struct SampleJob {
  std::filesystem::path root;
  const ArchiveSample& sample;
  const Pipeline& pipeline;  // labels are the ones to use
  const ArchiveNames& archive;
  Compression compression = Compression::balanced;
};

// What is done to the sample, in order, without counts.
std::vector<Step> steps_of(const SampleJob& job);

// All that the images of the sample depend on beside the bytes of its inputs.
std::string parameters_of(const SampleJob& job);

// Whether all that the outcome says was written lies in one folder of the sample's in the dataset,
// but for its thumbnail, and what was read in the archive.
bool is_own_outcome(const std::string& id, const Outcome& outcome);

// Damage is told in the outcome; nothing is written then.
Outcome process_sample(const SampleJob& job);

// What the dataset's manifest says of a written sample.
SampleDescription describe(const ArchiveSample& sample, const Outcome& outcome,
                           const LabelNames& names);

// What the report shows of it.
ReportedSample reported(const ArchiveSample& sample, const Outcome& outcome);

}  // namespace nicohort
