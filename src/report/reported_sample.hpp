// What the report shows of one sample, and its picture.
#pragma once

#include <filesystem>

#include "base/parallel.hpp"
#include "dataset/cache.hpp"
#include "dataset/dataset.hpp"
#include "report/cohort_report.hpp"

namespace nicohort {

struct SampleSources {
  const std::filesystem::path &archive, &report;
  bool follows_links = false;  // in the archive
  const Dataset& dataset;
  Cache& cache;
};

// From its record, if there is one and volume and mask are as recorded; else by reading them. Its
// picture is made anew if it is of something else, for which the volume is read once. Throws
// BadInput for a sample that cannot be read.
ReportedSample report_sample(const SampleSources& sources, const FoundSample& found,
                             ProblemSink& problems);

// The patient, as the recipe says it; empty if nothing is known of the sample's parts, or the
// recipe has no patients.
std::string patient_of(const SampleInfo& info, const Recipe& recipe);

// A sample that could not be used, with what is known of it all the same.
ReportedSample unusable_sample(const FoundSample& found, const Dataset& dataset);

}  // namespace nicohort
