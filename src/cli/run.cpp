// The whole tutorial in one pass.
#include "run/run.hpp"

#include <fmt/format.h>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "cli/all_commands.hpp"
#include "cli/run_options.hpp"

namespace nicohort {
namespace {

// The table of problems is the plain run's.
int conclude_shard(const Report& report, const std::filesystem::path& problems_file) {
  report.listener().conclude(report.problems(), problems_file);
  if (report.problems().empty()) return 0;
  report.listener().summary(fmt::format("{}; the run that writes the tables lists them in {}.",
                                        counted(report.problems().size(), "problem"),
                                        problems_file.string()));
  return 1;
}

}  // namespace

void add_run(Program& program) {
  Command command =
      program.command("run", "", "Do all steps in one pass, from the archive to the report",
                      "nicohort run --root_dir root_dir    (root_dir contains the folder archive)");
  auto options = std::make_shared<RunOptions>();
  auto shard = std::make_shared<std::string>();
  add_run_options(command, *options);
  command.flag("--again", options->again, "Process all samples again, even if nothing has changed");
  command.flag("--dry_run", options->dry_run,
               "Print what would be done and why, and write nothing");
  command
      .option("--shard", *shard,
              "Process only the samples of shard I of N, written I/N, such as 3/8, and write no "
              "tables; slurm/N takes I from SLURM_ARRAY_TASK_ID. After all shards, run without "
              "--shard")
      .excludes("--again")
      .excludes("--dry_run");
  command.work([=](const Context& context) {
    if (!shard->empty()) options->shard = parse_shard(*shard);
    const Report problems = run(*options, context);
    if (options->dry_run) return conclude(problems, {});
    const auto file = problems_in(options->root_dir, "run");
    return options->shard ? conclude_shard(problems, file) : conclude(problems, file);
  });
}

}  // namespace nicohort
