#include "cli/mask_command.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"

namespace nicohort {

void add_mask_options(Command& command, MaskChange& change, bool has_output_dir) {
  command.option("--root_dir", change.root, "The dataset's folder").type_name("FOLDER").required();
  if (has_output_dir)
    command
        .option("--output_dir", change.output,
                "Folder for the masks; can be the dataset's folder itself")
        .type_name("FOLDER")
        .required();
  add_again(command, change);
  add_compression(command, change.compression);
}

void add_again(Command& command, MaskChange& change) {
  command.flag("--again", change.again, "Process samples again even if this was their last step");
}

int run_mask_command(const MaskChange& change, const Context& context,
                     const std::function<void(const std::vector<ChangedSample>&)>& summary) {
  Report report(context.listener);
  change_masks(change, context, report, summary);
  return finish(report, problems_in(change.output, change.command));
}

std::size_t count_of(const std::vector<ChangedSample>& samples, ChangedSample::State state) {
  return std::count_if(samples.begin(), samples.end(),
                       [&](const ChangedSample& sample) { return sample.state == state; });
}

std::string others_of(const std::vector<ChangedSample>& samples) {
  using enum ChangedSample::State;
  std::string text;
  for (const auto& [state, words] : {std::pair{unchanged, "unchanged"},
                                     {skipped, "skipped"},
                                     {not_wanted, "left out by `where`"},
                                     {without_mask, "without a mask"}})
    if (const std::size_t count = count_of(samples, state); count > 0)
      text += fmt::format(", {} {}", count, words);
  return text;
}

}  // namespace nicohort
