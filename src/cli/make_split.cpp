// Routine 05: divides patients into train, val and test, or folds, and adds the split to the
// manifest.
#include "split/make_split.hpp"

#include <fmt/format.h>

#include "cli/all_commands.hpp"
#include "cli/step_options.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset.hpp"
#include "dataset/layout.hpp"
#include "split/found_index_manifests.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct SplitArguments {
  SplitOptions split;
  SplitRule rule;
  fs::path recipe;
  std::vector<std::string> sites, review;
  std::vector<std::vector<std::string>> where;  // column, values
};

Condition condition_of(const SplitArguments& options) {
  Condition condition;
  if (!options.sites.empty()) condition.wishes.push_back({"site", options.sites});
  for (const std::vector<std::string>& words : options.where) {
    if (words.size() < 2)
      throw UsageError(fmt::format("--where {}: give the column and one or more values",
                                   words.empty() ? "" : words.front()));
    condition.wishes.push_back({words.front(), {words.begin() + 1, words.end()}});
  }
  return condition;
}

// Those in the dataset's folder `splits` that have the rows of the split before.
void warn_of_old_index_manifests(const SplitOptions& options, Listener& listener) {
  FoundIndexManifests found(options.manifest_file.parent_path() / splits_folder,
                            options.manifest_file);
  if (found.size() == 0) return;
  found.compare_with(options.plan.name, read_table(options.manifest_file, options.plan.name));
  for (const auto& [file, problem] : found.differing())
    listener.warning(problem.subject + ": " + problem.what);
}

}  // namespace

void add_make_split(Program& program) {
  Command command = program.command(
      "make_split", "05_make_split",
      "Divide the patients into train, val and test, and add the split to the manifest as a "
      "worksheet",
      "nicohort make_split --manifest_file root_dir/grouped/dataset_manifest.xlsx --split_name "
      "split01_TJ "
      "--site TJ --test_ratio 0.4 --val_ratio 0.2 --random_seed 0");
  auto options = std::make_shared<SplitArguments>();
  SplitOptions& split = options->split;
  command.option("--manifest_file", split.manifest_file, "The dataset's manifest, .xlsx")
      .required();
  command.option("--sheet_name", split.sheet_name, "The manifest's worksheet").shows_default();
  command
      .option("--split_name", split.plan.name,
              "Name of the split: the worksheet and column to write")
      .type_name("SPLIT")
      .required();
  command.option("--site", options->sites, "Use only these sites (default: all)")
      .type_name("SITE")
      .takes(1, 1000);
  command
      .groups("--where", options->where,
              "Use only samples with one of these values in this column; can be repeated")
      .type_name("COLUMN VALUE ...");
  auto given = std::make_shared<std::set<std::string>>();
  add_parameter_options(command, parameters_of(options->rule), given);
  const Option exclude =
      command
          .option("--exclude_rejected", options->review,
                  "Leave out samples that are rejected in the review (default file: "
                  "../descriptor/review.xlsx, relative to the manifest's folder)")
          .takes(0, 1)
          .type_name("[REVIEW_FILE]");
  command
      .option("--recipe", options->recipe,
              "The archive's recipe, for a manifest without its dataset (default: "
              "ESO-2025.10.31)")
      .type_name("RECIPE");
  command.work([=](const Context& context) {
    SplitOptions todo = options->split;
    SplitRule rule = options->rule;
    rule.where = condition_of(*options);
    if (exclude.is_given()) {
      rule.exclude_rejected = true;
      if (!options->review.empty() && !options->review.front().empty())
        todo.review_file = options->review.front();
    }
    std::set<std::string> named = *given;
    if (rule.keep_sides) named.insert("keep_sides");
    settle(rule, named, "--");
    todo.plan.rules = {rule};
    require_dataset_manifest(todo.manifest_file, "--manifest_file");
    Report report(context.listener);
    const auto lock = lock_dataset_of(todo.manifest_file, context.listener);
    require_worksheet(todo.manifest_file, todo.plan, context.listener);
    make_split(todo, recipe_of_manifest(todo.manifest_file, options->recipe), report);
    warn_of_old_index_manifests(todo, context.listener);
    return conclude(report, problems_beside(todo.manifest_file));
  });
}

}  // namespace nicohort
