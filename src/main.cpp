// nicohort: from an archive of CT volumes and tumour masks to a dataset for training.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <string_view>

#include "base/interrupt.hpp"
#include "base/problem.hpp"
#include "routine/all_routines.hpp"

namespace {

constexpr int bad_usage = 2, machine_failed = 3;

// A sample's files are all open until the last is written, and there may be hundreds of labels.
void allow_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The tutorial calls some scripts by their folder: `utils/mask_thresholding`.
constexpr std::string_view script_folder = "utils/";

// Runs the work and makes sure that what it said has reached standard output.
int finish_task(const nicohort::Task& task) {
  const int status = task();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw nicohort::MachineError("cannot write to standard output; make room on the disk");
  return status;
}

bool is_command(const CLI::App& program, const std::string& name) {
  try {
    program.get_subcommand(name);
    return true;
  } catch (const CLI::OptionNotFound&) {
    return false;
  }
}

int fail(int status, std::string_view what) {
  fmt::print(stderr, "nicohort: {}\n", what);
  return status;
}

}  // namespace

// It throws only where there is no memory for its options or its last words.
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape)
  using namespace nicohort;
  CLI::App program(
      "Turns a multi-centre archive of CT volumes and tumour masks into a clean, indexed, "
      "split dataset.",
      "nicohort");
  program.set_version_flag("--version", "nicohort " NICOHORT_VERSION);
  program.require_subcommand(1);
  program.failure_message(CLI::FailureMessage::simple);
  Task task;
  add_all_routines(program, task);
  try {
    catch_interrupts();
    allow_open_files();
    if (argc > 1 && std::string_view(argv[1]).starts_with(script_folder))
      argv[1] += script_folder.size();
    if (argc > 1 && argv[1][0] != '-' && !is_command(program, argv[1]))
      throw UsageError(fmt::format("{}: no such command; nicohort --help lists them", argv[1]));
    program.parse(argc, argv);
    return finish_task(task);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : bad_usage;
  } catch (const UsageError& error) {
    return fail(bad_usage, error.what());
  } catch (const BadInput& bad) {
    // Not one file among many but the one that the command cannot do without.
    return fail(bad_usage, bad.subject().empty()
                               ? std::string(bad.what())
                               : fmt::format("{}: {}", bad.subject(), bad.what()));
  } catch (const Interrupted& stop) {
    return fail(128 + stop.signal(),
                "stopped; no half-written file is left. Start the same command again to go on.");
  } catch (const std::bad_alloc&) {
    return fail(machine_failed, "out of memory; try --jobs 1");
  } catch (const std::exception& error) {
    return fail(machine_failed, error.what());
  }
}
