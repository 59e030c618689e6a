// Does any step of the recipe language to the masks of a dataset.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/wording.hpp"
#include "cli/mask_command.hpp"
#include "dataset/dataset.hpp"
#include "recipe/recipe_steps.hpp"

namespace nicohort {
namespace {

// `TJ_0012_pre: 12 voxels removed, 3 filled`
void tell_changes(const std::vector<ChangedSample>& samples, Listener& listener) {
  for (const ChangedSample& sample : samples) {
    if (sample.new_steps == 0) continue;
    const auto& counts = sample.record->steps.back().findings.counts;
    std::vector<std::string> texts;
    for (const char* change : {"removed", "filled", "relabelled"})
      if (const auto found = counts.find(change); found != counts.end() && found->second > 0)
        texts.push_back(fmt::format("{} {}", counted(found->second, "voxel"), change));
    if (!texts.empty())
      listener.summary(fmt::format("{}: {}", sample.files.id, fmt::join(texts, ", ")));
  }
}

}  // namespace

void add_apply_step(Program& program) {
  Command command =
      program.command("apply_step", "", "Apply one step of a recipe to the masks of a dataset",
                      "nicohort apply_step --root_dir root_dir/grouped 'keep_largest: {of: "
                      "foreground}'");
  auto change = std::make_shared<MaskChange>();
  auto step = std::make_shared<std::string>();
  change->command = "apply_step";
  command
      .option(
          "step", *step,
          "The step as a recipe has it, YAML; with `where` for some samples only: \"{fill_holes: "
          "{smaller_than: 10 mm2, with: liver}, where: {site: TJ}}\"")
      .required();
  add_mask_options(command, *change, false);
  command.work([=](const Context& context) {
    const Recipe recipe = recipe_of_dataset(change->root);
    const RecipeStep given = read_step(*step, recipe.parts());
    if (given.step->name() == "list_small")
      throw UsageError("`list_small` changes no masks; use nicohort small_connected_region_detect");
    change->output = change->root;
    change->steps = {given.step};
    change->where = given.where;
    return run_mask_command(*change, context, [&](const std::vector<ChangedSample>& samples) {
      tell_changes(samples, context.listener);
      context.listener.summary(fmt::format(
          "{}: {} of {} processed{}; masks are in {}.", given.step->name(),
          count_of(samples, ChangedSample::State::done), counted(samples.size(), "sample"),
          others_of(samples), change->output.string()));
    });
  });
}

}  // namespace nicohort
