// Routine 05: divides patients into train, val and test and adds the split to the manifest.
#include "dataset/make_split.hpp"

#include "cli/all_commands.hpp"
#include "dataset/dataset.hpp"
#include "table/problem_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void add_make_split(Program& program) {
  Command command = program.command(
      "make_split", "05_make_split",
      "Divide the patients into train, val and test, and add the split to the manifest as a "
      "worksheet",
      "nicohort make_split --manifest_file root_dir/grouped/dataset_manifest.xlsx --split_name "
      "split01_TJ "
      "--site TJ --test_ratio 0.4 --val_ratio 0.2 --random_seed 0");
  auto options = std::make_shared<SplitOptions>();
  command.option("--manifest_file", options->manifest_file, "The dataset's manifest, .xlsx")
      .required();
  command.option("--sheet_name", options->sheet_name, "The manifest's worksheet").shows_default();
  command
      .option("--split_name", options->split_name,
              "Name of the split: the worksheet and column to write")
      .required();
  auto sites = std::make_shared<std::vector<std::string>>();
  command.option("--site", *sites, "Use only these sites (default: all)").takes(1, 1000);
  command.option("--test_ratio", options->ratios.test, "Fraction of the patients for test")
      .shows_default();
  command.option("--val_ratio", options->ratios.val, "Fraction of the remaining patients for val")
      .shows_default();
  command.option("--random_seed", options->random_seed, "Seed of the shuffle, 0 to 4294967295")
      .shows_default();
  command.option("--stratify_by", options->stratify_by,
                 "Column whose values all subsets get in equal proportions");
  auto review = std::make_shared<std::vector<std::string>>();
  const Option exclude =
      command
          .option("--exclude_rejected", *review,
                  "Leave out samples that are rejected in the review (default file: "
                  "../descriptor/review.xlsx, relative to the manifest's folder)")
          .takes(0, 1)
          .type_name("[REVIEW_FILE]");
  command.work([=](const Context& context) {
    if (exclude.is_given()) {
      const bool is_named = !review->empty() && !review->front().empty();
      options->review_file =
          is_named ? fs::path(review->front()) : review_beside(options->manifest_file);
    }
    if (!sites->empty()) options->where.wishes = {{"site", *sites}};
    Report report(context.listener);
    const auto lock = lock_dataset_of(options->manifest_file, context.listener);
    make_split(*options, report);
    return conclude(report, problems_beside(options->manifest_file));
  });
}

}  // namespace nicohort
