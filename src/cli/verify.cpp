// Proves that a dataset is whole: its files are as they were written, and agree with each other.
#include <fmt/format.h>

#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "base/wording.hpp"
#include "cli/all_commands.hpp"
#include "table/problem_file.hpp"
#include "verify/verify_dataset.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct Options {
  VerifyOptions verify;
  fs::path problems_file;
};

// What was found wrong is worth telling also of a dataset that cannot be written to.
int conclude_verification(const fs::path& problems_file, const Report& report) {
  try {
    return finish(report, problems_file);
  } catch (const MachineError&) {
    if (report.problems().empty()) return conclude(report, problems_file);
    report.listener().warning(
        fmt::format("{}; cannot write {}: give another file with --problems_file.",
                    counted(report.problems().size(), "problem"), problems_file.string()));
    return 1;
  }
}

int verify(const Options& options, const Context& context) {
  require_folder(options.verify.root_dir, "--root_dir");
  if (!options.problems_file.empty())
    require_problem_file(options.problems_file, "--problems_file");
  Report report(context.listener);
  const VerifiedDataset verified = verify_dataset(options.verify, context, report);
  context.listener.summary(fmt::format(
      "{}, {} and {} checked; {} unchanged.", counted(verified.samples, "sample"),
      counted(verified.splits, "split"), counted(verified.index_manifests, "index manifest"),
      counted(verified.files, "file")));
  if (!verified.told.empty()) context.listener.summary(verified.told);
  return conclude_verification(options.problems_file.empty()
                                   ? problems_in(options.verify.root_dir, "verify")
                                   : options.problems_file,
                               report);
}

}  // namespace

void add_verify(Program& program) {
  Command command =
      program.command("verify", "", "Check that a dataset is complete, unchanged and consistent",
                      "nicohort verify --root_dir root_dir/grouped");
  auto options = std::make_shared<Options>();
  VerifyOptions& verified = options->verify;
  command.option("--root_dir", verified.root_dir, "The dataset's folder")
      .type_name("FOLDER")
      .required();
  command.option("--manifest_file", verified.manifest_file,
                 "The manifest (default: dataset_manifest.xlsx in the dataset's folder)");
  command.option("--sheet_name", verified.sheet_name, "The manifest's worksheet").shows_default();
  command
      .option("--index_manifest_dir", verified.index_manifest_dir,
              "Folder of the index manifests (default: splits in the dataset's folder)")
      .type_name("FOLDER");
  command.option("--review_file", verified.review_file,
                 "The review that was used by make_split --exclude_rejected (default: "
                 "../descriptor/review.xlsx, relative to the manifest's folder)");
  command
      .option("--recipe", verified.recipe,
              "The recipe, if the dataset has no copy of it (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command
      .option("--problems_file", options->problems_file,
              "File for the problems (default: verify.problems.csv in the dataset's folder)")
      .names_a_table();
  command.work([=](const Context& context) { return verify(*options, context); });
}

}  // namespace nicohort
