// How far the work on a dataset is.
#include "run/status.hpp"

#include <fmt/format.h>

#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "base/wording.hpp"
#include "cli/all_commands.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct StatusOptions {
  fs::path root_dir;
  int tasks = 0;
};

int tell_status(const StatusOptions& options, const Context& context) {
  require_folder(options.root_dir, "--root_dir");
  if (const std::string meant = meant_instead_of(options.root_dir, CohortFolder::root);
      !meant.empty())
    throw UsageError(fmt::format("{}: --root_dir is the folder that contains the dataset {}{}",
                                 options.root_dir.string(), dataset_folder, meant));
  const DatasetStatus status = status_of(options.root_dir, options.tasks, context);
  Listener& listener = context.listener;
  if (status.samples() == 0)
    listener.summary(
        fmt::format("No sample is known yet in {}.", (options.root_dir / dataset_folder).string()));
  else
    listener.summary(fmt::format(
        "{}: {} done, {} unusable, {} running, {} missing.", counted(status.samples(), "sample"),
        status.done.size(), status.unusable.size(), status.running.size(), status.missing.size()));
  for (const std::string& who : status.at_work) listener.summary("At work: " + who + ".");
  if (!status.unusable.empty())
    listener.summary(fmt::format("Unusable: {}.", some_of(status.unusable, 3)));
  if (!status.missing.empty())
    listener.summary(fmt::format("Missing: {}.", some_of(status.missing, 3)));
  if (!status.elsewhere.empty())
    listener.summary(
        fmt::format("In the dataset, but not in the archive as the last run found it: {}.",
                    some_of(status.elsewhere, 3)));
  if (!status.command.empty())
    listener.summary(
        status.is_complete()
            ? fmt::format("All samples are done; to finish, run nicohort {} with the same options.",
                          status.command)
            : fmt::format("nicohort {} is not finished.", status.command));
  if (!status.tasks.empty())
    listener.summary(fmt::format("Tasks to submit again: --array={}", array_text(status.tasks)));
  return status.is_complete() ? 0 : 1;
}

}  // namespace

void add_status(Program& program) {
  Command command =
      program.command("status", "", "Show how many samples are done, running, unusable and missing",
                      "nicohort status --root_dir root_dir --tasks 8");
  auto options = std::make_shared<StatusOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that contains grouped/, as for nicohort run")
      .type_name("FOLDER")
      .required();
  command
      .option("--tasks", options->tasks,
              "Number of shards; the shards with missing samples are printed as sbatch's --array "
              "takes them")
      .between(1, 1'000'000);
  command.work([=](const Context& context) { return tell_status(*options, context); });
}

}  // namespace nicohort
