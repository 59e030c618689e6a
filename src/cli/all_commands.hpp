// The subcommands, each in a file of its name.
#pragma once

#include "cli/command.hpp"
#include "cli/command_line.hpp"

namespace nicohort {

void add_gen_archive_manifest(Program& program);
void add_confirm_pairs(Program& program);
void add_mask_thresholding(Program& program);
void add_extract_binary_masks(Program& program);
void add_small_connected_region_detect(Program& program);
void add_morphological_open_on_slice_small_region(Program& program);
void add_apply_step(Program& program);
void add_gen_dataset_manifest(Program& program);
void add_make_split(Program& program);
void add_extract_split_index_manifest(Program& program);
void add_recipe(Program& program);
void add_recipes(Program& program);
void add_report(Program& program);
void add_run(Program& program);
void add_verify(Program& program);
void add_view(Program& program);
void add_export(Program& program);
void add_demo(Program& program);
void add_status(Program& program);
void add_slurm(Program& program);
void add_doctor(Program& program);
void add_completion(Program& program);
void add_man_pages(Program& program);

inline void add_all_commands(Program& program) {
  for (auto* add : {add_gen_archive_manifest,
                    add_confirm_pairs,
                    add_mask_thresholding,
                    add_extract_binary_masks,
                    add_small_connected_region_detect,
                    add_morphological_open_on_slice_small_region,
                    add_apply_step,
                    add_gen_dataset_manifest,
                    add_make_split,
                    add_extract_split_index_manifest,
                    add_recipe,
                    add_recipes,
                    add_report,
                    add_run,
                    add_verify,
                    add_view,
                    add_export,
                    add_demo,
                    add_status,
                    add_slurm,
                    add_doctor,
                    add_completion,
                    add_man_pages})
    add(program);
}

}  // namespace nicohort
