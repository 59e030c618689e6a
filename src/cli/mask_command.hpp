// What the commands that change masks have in common: how they are asked for and what they say.
#pragma once

#include "cli/all_commands.hpp"
#include "run/change_masks.hpp"

namespace nicohort {

// --root_dir, --again, --compression; and --output_dir, or in place.
void add_mask_options(Command& command, MaskChange& change, bool has_output_dir);

void add_again(Command& command, MaskChange& change);

// Makes the change. Puts the problems beside the masks. `summary` says what was done.
int run_mask_command(const MaskChange& change, const Context& context,
                     const std::function<void(const std::vector<ChangedSample>&)>& summary);

std::size_t count_of(const std::vector<ChangedSample>& samples, ChangedSample::State state);
// ", 3 unchanged, 1 skipped, 2 without a mask": of what there is.
std::string others_of(const std::vector<ChangedSample>& samples);

}  // namespace nicohort
