// A recipe proposed for an archive.
#include "cli/all_commands.hpp"
#include "propose/propose_recipe.hpp"

namespace nicohort {

void add_recipe(Program& program) {
  Command command = program.command(
      "recipe", "", "Propose a recipe for an archive by looking at its files; writes nothing",
      "nicohort recipe received/liver > liver.yaml    (to be checked and edited)");
  auto folder = std::make_shared<std::filesystem::path>();
  command.option("folder", *folder, "The archive's folder").type_name("FOLDER").required();
  command.work([=](const Context& context) {
    Report report(context.listener);
    context.listener.output(propose_recipe(*folder, report));
    context.listener.conclude(report.problems(), {});
    return report.problems().empty() ? 0 : 1;
  });
}

}  // namespace nicohort
