// nicohort: from an archive of medical volumes and masks to a dataset for training.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>

#include "base/interrupt.hpp"
#include "base/problem.hpp"
#include "cli/all_commands.hpp"
#include "cli/json_summary.hpp"
#include "deflate/codecs.hpp"

namespace {

// A sample's files are all open until the last is written, and there may be hundreds of labels.
void allow_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Every file takes some buffers of up to a MiB, which the C library would give back to the system
// and take anew, page by page: for small images that is a third of all work. Whole volumes go back.
void keep_small_buffers() {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

// Runs the work and makes sure that what it said has reached standard output.
int finish_task(const nicohort::Task& task) {
  const int status = task();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw nicohort::MachineError("cannot write to standard output; make room on the disk");
  return status;
}

}  // namespace

// It throws only where there is no memory for its options or its last words.
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape)
  using namespace nicohort;
  try {
    catch_interrupts();
    allow_open_files();
    keep_small_buffers();
    ::prctl(PR_SET_NAME,
            "nicohort");  // also where another program has loaded it (packaging/launcher.cpp)
    Program program("nicohort", NICOHORT_VERSION, "with " + codec_versions(),
                    "Turns an archive of medical volumes and masks into a dataset for training: "
                    "checked, cleaned, listed and split.");
    add_all_commands(program);
    return finish_task(program.parse(argc, argv));
  } catch (...) {
    const Failure failure = current_failure();
    std::fputs(fmt::format("nicohort: {}\n", failure.what).c_str(), stderr);
    return failure.status;
  }
}
