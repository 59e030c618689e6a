// What the ways of a run have in common: the whole of it, a dry one, a shard.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/archive_sample.hpp"
#include "archive/scan.hpp"
#include "dataset/cache.hpp"
#include "recipe/recipe.hpp"
#include "run/make_sample.hpp"
#include "run/make_samples.hpp"
#include "run/plan.hpp"
#include "run/run.hpp"

namespace nicohort {

class FinishedRun;

std::filesystem::path folder_of_archive(const RunOptions& options);

// One run. Its ways are in files of their own: run.cpp, dry_run.cpp, run_shard.cpp.
class CohortRun {
 public:
  CohortRun(const RunOptions& options, const Context& context);

  Report whole();
  Report dry_run();
  Report shard(const Shard& shard);

 private:
  struct MadeSamples {
    std::unique_ptr<Transaction> dataset;
    std::vector<std::string> ids;  // of all that the dataset has a record of, sorted
    bool is_complete = false;      // and is all that the archive has
  };
  MadeSamples make_samples_of_archive(Cache& cache);
  struct MadeDataset {
    std::unique_ptr<Transaction> dataset;  // whose lock is held until the report is there, too
    bool has_samples = false, is_complete = false;
  };
  MadeDataset make_dataset();
  // Before anything is written: is the archive what it should be? Throws UsageError.
  void require_right_archive(const Table& manifest, const std::vector<ArchiveSample>& samples,
                             const Plan& planned) const;
  Making making() const {
    return {names_, recipe_, recipe_.steps(), labels_, groups_, options_.compression, true};
  }
  Work work(const std::vector<ArchiveSample>& samples) const;
  // As list_images() listed it; how it goes on is told to the context's listener.
  Table scan(Cache& cache, Report& report, const Context& context);
  std::vector<std::pair<std::string, Cell>> metadata_in_dataset(const PartValues& sample) const;
  std::string outcome_of(const PartValues& sample, Lacking lacking) const;
  std::optional<Problem> misfit_in(const ArchiveSample& sample) const;
  Plan plan(const std::vector<ArchiveSample>& samples, Cache& cache) const;
  // Only what the plan says of samples that are not in the archive.
  Plan others(const std::vector<ArchiveSample>& samples, Cache& cache) const;
  bool has_new_where() const;
  std::string made_from() const;
  bool are_as_recorded(const std::vector<std::string>& ids, Cache& cache) const;
  bool is_up_to_date(const FinishedRun& run) const;
  void write_archive_manifest(Table manifest, const Report& report);
  std::set<std::string> told_of_images(const Report& scanned) const;

  const RunOptions& options_;
  const Context& context_;
  const std::filesystem::path root_, dataset_;
  const Recipe recipe_;
  const LabelNames labels_;
  const LabelGroups groups_;
  const std::string option_;  // that says where the archive is
  ArchiveNames names_;
  const std::string naming_;
  ArchiveListing listing_;
  std::vector<std::string> in_archive_;  // IDs of the samples
  std::vector<std::string> told_;        // images and samples, as scan_archive() gave them
  std::set<Problem> doubts_;             // the same
  std::set<std::string> ruled_out_;      // IDs, the same
  Report problems_;
};

}  // namespace nicohort
