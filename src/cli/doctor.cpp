// Says what this machine and a folder's disk are good for.
#include <fmt/format.h>

#include "cli/all_commands.hpp"
#include "deflate/codecs.hpp"
#include "doctor/folder.hpp"
#include "doctor/machine.hpp"

namespace nicohort {
namespace {

int doctor(const std::filesystem::path& folder, const Context& context) {
  Checks checks{{"nicohort", fmt::format("{} with {}", NICOHORT_VERSION, codec_versions())}};
  for (const Checks& more : {check_machine(this_machine()), check_folder(folder)})
    checks.insert(checks.end(), more.begin(), more.end());

  Report report(context.listener);
  std::string rows;
  for (const Check& check : checks)
    rows += fmt::format("{:<16}{}\n", check.name, one_line(check.found));
  context.listener.output(rows);
  for (const auto& [name, found, grade, remedy] : checks) {
    if (grade == Grade::weak)
      context.listener.warning(fmt::format("{}: {}; {}", name, found, remedy));
    if (grade == Grade::unsafe)
      report.add(name, ProblemKind::other, fmt::format("{}; {}", found, remedy));
  }
  context.listener.conclude(report.problems(), {});
  return report.problems().empty() ? 0 : 1;
}

}  // namespace

void add_doctor(Program& program) {
  Command command =
      program.command("doctor", "", "Check whether nicohort works well on this machine and disk",
                      "nicohort doctor --root_dir /scratch/my_data");
  auto folder = std::make_shared<std::filesystem::path>(".");
  command
      .option("--root_dir", *folder,
              "The folder in which a dataset is, or will be; temporary files are written in it and "
              "removed again (default: the current folder)")
      .type_name("FOLDER");
  command.work([=](const Context& context) { return doctor(*folder, context); });
}

}  // namespace nicohort
