// Makes a believable archive to try everything on.
#include <fmt/format.h>

#include "base/progress.hpp"
#include "phantom/demo_archive.hpp"
#include "routine/all_routines.hpp"

namespace nicohort {
namespace {

int demo(const DemoOptions& options, const Effort& effort) {
  std::unique_ptr<Progress> progress;
  std::size_t shown = 0;
  auto faults = make_demo_archive(options, [&](std::size_t done, std::size_t total) {
    if (!progress) progress = std::make_unique<Progress>("samples", total, effort.quiet);
    for (; shown < done; ++shown) progress->tick();
  });
  progress.reset();
  for (const std::string& fault : faults) say("planted: " + fault);
  say(fmt::format("An archive of {} is in {}.", counted(options.patients, "patient"),
                  (options.folder / "archive").string()));
  return 0;
}

}  // namespace

void add_demo(CLI::App& program, Task& task) {
  auto [app, effort] =
      add_command(program, "demo", "", "Make a demonstration archive of chest CT phantoms",
                  "nicohort demo root_dir --patients 10 --size 160 160 48");
  auto options = std::make_shared<DemoOptions>();
  auto size = std::make_shared<std::vector<std::int64_t>>();
  app->add_option("folder", options->folder, "Where archive/ and descriptor/ go")->required();
  app->add_option("--patients", options->patients, "Patients over all sites")
      ->check(CLI::Range(3, 1000000))
      ->capture_default_str();
  app->add_option("--size", *size,
                  fmt::format("Voxels in x, y, z (default: {} {} {})", options->size.x,
                              options->size.y, options->size.z))
      ->expected(3)
      ->check(CLI::Range(16, 4096));
  app->add_option("--seed", options->seed, "The same seed makes the same bytes")
      ->capture_default_str();
  app->add_flag("--faults", options->faults, "Plant one of each damage that nicohort reports");
  app->callback([=, &task, effort = effort] {
    if (!size->empty()) options->size = {(*size)[0], (*size)[1], (*size)[2]};
    options->jobs = effort->jobs;
    task = [=] { return demo(*options, *effort); };
  });
}

}  // namespace nicohort
