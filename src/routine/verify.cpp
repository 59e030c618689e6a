// Proves that a dataset is whole: its files are as they were written, and agree with each other.
#include <fmt/format.h>

#include <set>

#include "base/sha256.hpp"
#include "cohort/below.hpp"
#include "record/checksums.hpp"
#include "record/older_samples.hpp"
#include "record/same_scans.hpp"
#include "record/sample_record.hpp"
#include "record/unfinished.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "routine/splits.hpp"
#include "run/lock.hpp"
#include "verify/verify_sample.hpp"
#include "verify/verify_tables.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct VerifyOptions {
  fs::path root_dir, manifest_file, index_manifest_dir, review_file, problems_file;
};

// The samples there are, and those of which only the record is left.
std::vector<SampleFiles> samples_to_verify(const fs::path& root, Report& report) {
  auto samples = find_samples(root);
  std::set<std::string> ids;
  for (const SampleFiles& sample : samples) ids.insert(sample.id);
  report_lost_samples(root, ids, report);
  report_unfinished(root, report);
  return samples;
}

// Files in the sites' folders that are no sample's. What lies beside these folders is the user's.
void find_additions(const fs::path& root, const std::vector<SampleFiles>& samples,
                    const Checksums& listed, Report& report) {
  std::set<fs::path> sites, folders;
  for (const SampleFiles& sample : samples) {
    sites.insert(*sample.folder.begin());
    folders.insert(sample.folder);
  }
  for (const fs::path& site : sites) {
    std::error_code error;
    fs::recursive_directory_iterator entry(root / site, error), end;
    for (; !error && entry != end; entry.increment(error)) {
      const fs::path path = entry->path().lexically_relative(root);
      if (folders.contains(path))
        entry.disable_recursion_pending();  // verify_sample looks into it
      else if ((entry->is_symlink() || !entry->is_directory()) &&
               !listed.contains(path.generic_string()))
        report.add(path.generic_string(), wrong_with_addition(path));
    }
  }
}

// Whether symbolic links lead a listed file out of the dataset, which is reported.
bool leads_out(const fs::path& root, const std::string& file, Report& report) {
  try {
    if (is_below(file)) require_below(root, root / file, "dataset");
    return false;
  } catch (const BadInput& bad) {
    report.add(file, bad.what());
    return true;
  }
}

// The list against the records, from which it was made, and the tables against the list.
std::size_t verify_checksums(const fs::path& root, const std::vector<SampleFiles>& samples,
                             Report& report) {
  const std::string list = checksums_path(root).lexically_relative(root).generic_string();
  std::size_t agree = 0;
  try {
    Checksums checksums = read_checksums(root);
    find_additions(root, samples, checksums, report);
    const bool is_missing = checksums.empty();
    if (is_missing)
      report.add(list, record_ids(root).empty()
                           ? "is missing, and so are the samples' records: nothing says what was "
                             "written; bring .nicohort back from a backup, or begin anew with "
                             "confirm_pairs or run"
                           : "is missing: bring it back from a backup, or write the manifest "
                             "again");
    std::size_t differ = 0;
    for (const SampleRecord& record : read_records(root))
      for (const auto& [file, sha256] : record.files) {
        auto listed = checksums.find(file);
        differ += listed == checksums.end() || listed->second != sha256;
        if (listed != checksums.end()) checksums.erase(listed);
      }
    if (differ > 0 && !is_missing)
      report.add(list, fmt::format("does not have the checksums of {} as recorded: bring it back "
                                   "from a backup, or remove it and write the manifest again",
                                   counted(differ, "file")));
    for (const auto& [file, sha256] : checksums) {
      std::error_code error;
      if (leads_out(root, file, report)) continue;
      if (!is_below(file))
        report.add(list, fmt::format("names {}, which is not below the dataset", file));
      else if (fs::exists(root / file, error) && !fs::is_regular_file(root / file, error))
        report.add(file, "is not a regular file");
      else if (!fs::exists(root / file, error))
        report.add(file, "is missing: bring it back from a backup, or write it again");
      else if (sha256_of_file(root / file) != sha256)
        report.add(file,
                   "is not as it was written: bring it back from a backup, or write it "
                   "again");
      else
        ++agree;
    }
  } catch (const BadInput& bad) {
    report.add(bad.subject(), bad.what());
  }
  return agree;
}

// Who was rejected may be missing from the splits.
Review review_of_dataset(const VerifyOptions& options, Report& report) {
  const bool is_named = !options.review_file.empty();
  const fs::path file = is_named ? options.review_file : review_beside(options.manifest_file);
  std::error_code error;
  try {
    return is_named || fs::exists(file, error) ? read_review(file) : Review();
  } catch (const BadInput& bad) {
    report.add(file.string(), bad.what());
  } catch (const UsageError& wrong) {
    report.add(file.string(), wrong.what());
  }
  return {};
}

// What was found wrong is worth telling also of a dataset that cannot be written to.
int conclude_verification(const VerifyOptions& options, const Report& report) {
  try {
    return finish(report, options.problems_file);
  } catch (const MachineError&) {
    if (report.problems().empty()) return conclude(report, options.problems_file);
    say(fmt::format("{}; {} cannot be written: name another file with --problems_file.",
                    counted(report.problems().size(), "problem"), options.problems_file.string()));
    return 1;
  }
}

int verify(VerifyOptions options, const Effort& effort) {
  if (options.manifest_file.empty())
    options.manifest_file = options.root_dir / "dataset_manifest.xlsx";
  if (options.index_manifest_dir.empty()) options.index_manifest_dir = options.root_dir / "splits";
  if (options.problems_file.empty())
    options.problems_file = problems_in(options.root_dir, "verify");
  Report report;
  require_folder(options.root_dir, "--root_dir");
  const FolderLock lock(options.root_dir, FolderLock::Sharing::with_commands);
  const auto samples = samples_to_verify(options.root_dir, report);
  const auto verified =
      map_samples<VerifiedSample>(options.root_dir, samples, effort, report,
                                  [&](const SampleFiles& sample, ProblemSink& problems) {
                                    return verify_sample(options.root_dir, sample, problems);
                                  });
  std::vector<SampleDescription> descriptions;
  std::vector<std::pair<std::string, std::string>> volumes;
  std::size_t checksums = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!verified[i]) continue;
    volumes.emplace_back(samples[i].id, verified[i]->value_hash);
    checksums += verified[i]->checksums;
    if (verified[i]->description) descriptions.push_back(*verified[i]->description);
  }
  for (const Problem& problem : same_scans(volumes)) report.add(problem);
  checksums += verify_checksums(options.root_dir, samples, report);
  const VerifiedTables tables =
      verify_tables(options.manifest_file, options.index_manifest_dir, descriptions,
                    review_of_dataset(options, report), report);
  say(fmt::format("{}, {} and {} verified; {} as written.", counted(samples.size(), "sample"),
                  counted(tables.splits, "split"),
                  counted(tables.index_manifests, "index manifest"), counted(checksums, "file")));
  return conclude_verification(options, report);
}

}  // namespace

void add_verify(Program& program) {
  Command command =
      program.command("verify", "", "Prove that a dataset is whole: every file as written",
                      "nicohort verify --root_dir root_dir/grouped");
  auto options = std::make_shared<VerifyOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command.option("--manifest_file", options->manifest_file,
                 "Its manifest (default: dataset_manifest.xlsx in the dataset's folder)");
  command.option("--index_manifest_dir", options->index_manifest_dir,
                 "Where its index manifests are (default: splits in the dataset's folder)");
  command.option("--review_file", options->review_file,
                 "The review that splits with --exclude_rejected followed (default: "
                 "../descriptor/review.xlsx, seen from the manifest's folder)");
  command
      .option("--problems_file", options->problems_file,
              "Where problems go (default: verify.problems.csv in the dataset's folder)")
      .names_a_table();
  command.work([=](const Effort& effort) { return verify(*options, effort); });
}

}  // namespace nicohort
