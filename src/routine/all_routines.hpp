// The subcommands, each in a file of its name.
#pragma once

#include "routine/command.hpp"

namespace nicohort {

void add_gen_archive_manifest(CLI::App& program, Task& task);
void add_confirm_pairs(CLI::App& program, Task& task);
void add_mask_thresholding(CLI::App& program, Task& task);
void add_extract_binary_masks(CLI::App& program, Task& task);
void add_small_connected_region_detect(CLI::App& program, Task& task);
void add_morphological_open_on_slice_small_region(CLI::App& program, Task& task);
void add_gen_dataset_manifest(CLI::App& program, Task& task);
void add_make_split(CLI::App& program, Task& task);
void add_extract_split_index_manifest(CLI::App& program, Task& task);
void add_report(CLI::App& program, Task& task);
void add_run(CLI::App& program, Task& task);
void add_verify(CLI::App& program, Task& task);
void add_view(CLI::App& program, Task& task);
void add_demo(CLI::App& program, Task& task);

// Registers all of them; the chosen one puts its work into `task`.
inline void add_all_routines(CLI::App& program, Task& task) {
  for (auto* add :
       {add_gen_archive_manifest, add_confirm_pairs, add_mask_thresholding,
        add_extract_binary_masks, add_small_connected_region_detect,
        add_morphological_open_on_slice_small_region, add_gen_dataset_manifest, add_make_split,
        add_extract_split_index_manifest, add_report, add_run, add_verify, add_view, add_demo})
    add(program, task);
}

}  // namespace nicohort
