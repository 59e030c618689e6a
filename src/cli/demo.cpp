// Makes a believable archive to try everything on.
#include <fmt/format.h>

#include "cli/all_commands.hpp"
#include "phantom/demo_archive.hpp"

#include "base/wording.hpp"

namespace nicohort {
namespace {

int demo(const DemoOptions& options, const Context& context) {
  std::size_t shown = 0;
  auto faults = make_demo_archive(options, [&](std::size_t done, std::size_t total) {
    if (shown == 0) context.listener.start("samples", total);
    for (; shown < done; ++shown) context.listener.advance();
  });
  context.listener.stop();
  for (const std::string& fault : faults) context.listener.summary("planted: " + fault);
  context.listener.summary(fmt::format("An archive of {} is in {}.",
                                       counted(options.patients, "patient"),
                                       (options.folder / "archive").string()));
  return 0;
}

}  // namespace

void add_demo(Program& program) {
  Command command = program.command("demo", "", "Make a demonstration archive of chest CT phantoms",
                                    "nicohort demo root_dir --patients 10 --size 160 160 48");
  auto options = std::make_shared<DemoOptions>();
  auto size = std::make_shared<std::vector<int>>();
  command.option("folder", options->folder, "Folder in which archive/ and descriptor/ are made")
      .type_name("FOLDER")
      .required();
  command.option("--patients", options->patients, "Number of patients of all sites together")
      .between(3, 1000000)
      .shows_default();
  command
      .option("--size", *size,
              fmt::format("Size of the volumes in voxels: x, y, z (default: {} {} {})",
                          options->size.x, options->size.y, options->size.z))
      .takes(3, 3)
      .between(16, 4096);
  command.option("--seed", options->seed, "Seed; the same seed gives the same files")
      .shows_default();
  command.flag("--faults", options->faults,
               "Add one example of every kind of damage that nicohort reports");
  command.work([=](const Context& context) {
    if (!size->empty()) options->size = {(*size)[0], (*size)[1], (*size)[2]};
    options->jobs = context.jobs;
    return demo(*options, context);
  });
}

}  // namespace nicohort
