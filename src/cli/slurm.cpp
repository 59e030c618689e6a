// Prints the script that runs a cohort on Slurm.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "cli/all_commands.hpp"
#include "cli/run_options.hpp"
#include "run/slurm_script.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr int most_tasks_of_slurm = 1000;  // unless its MaxArraySize was raised

// Where the PATH finds a program; nothing if it does not.
std::optional<fs::path> found_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const fs::path file = fs::absolute(fs::path(folder) / name).lexically_normal();
        ::access(file.c_str(), X_OK) == 0 && fs::is_regular_file(file))
      return file;
  return {};
}

// The file that the shell found: a job may have another PATH, as with `sbatch --export=NONE`. The
// launcher of the portable package calls a loader with `--argv0 NAME`.
std::string own_name() {
  std::ifstream file("/proc/self/cmdline");
  std::string name, next;
  std::getline(file, name, '\0');
  if (std::getline(file, next, '\0') && next == "--argv0") std::getline(file, name, '\0');
  if (fs::path(name).filename() != "nicohort") name = "nicohort";
  if (name.find('/') == std::string::npos) return found_in_path(name).value_or(name).string();
  return fs::absolute(name).lexically_normal().string();
}

int print_script(SlurmOptions& options, const Context& context) {
  require_root_and_archive(options.run);
  options.program = own_name();
  options.jobs = context.jobs;
  const std::string script = slurm_script(options);
  const ArchiveSize size = size_of_archive(options.run);
  if (const int useful = useful_tasks(size); options.tasks > useful)
    context.listener.warning(fmt::format(
        "{} are too many for {} of {:.1f} GB together: each would have work for seconds, and "
        "starting it takes as long; --tasks {} is enough",
        counted(options.tasks, "task"), counted(size.samples, "sample"), size.bytes / 1e9, useful));
  if (options.tasks > most_tasks_of_slurm)
    context.listener.warning(
        fmt::format("Slurm takes no task number above {} unless its MaxArraySize has been raised",
                    most_tasks_of_slurm));
  context.listener.output(script);
  return 0;
}

}  // namespace

void add_slurm(Program& program) {
  Command command =
      program.command("slurm", "", "Print a script that runs nicohort on a Slurm cluster",
                      "nicohort slurm --root_dir root_dir --tasks 8 -- --partition=long "
                      "--cpus-per-task=4 > job.sh");
  auto options = std::make_shared<SlurmOptions>();
  add_run_options(command, options->run);
  command.option("--tasks", options->tasks, "Number of tasks among which the samples are divided")
      .between(1, 1'000'000)
      .required();
  command
      .option("sbatch_options", options->sbatch,
              "Options for sbatch, after --, such as the partition, time and memory of each task")
      .takes(1, 1000);
  command.work([=](const Context& context) { return print_script(*options, context); });
}

}  // namespace nicohort
