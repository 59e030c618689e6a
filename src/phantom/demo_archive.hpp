// A believable archive for trying things out: the real one is private.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/size3.hpp"

namespace nicohort {

struct DemoOptions {
  std::filesystem::path folder;
  int patients = 12;            // over all three sites, each with a sample before and after therapy
  Size3 size = {160, 160, 48};  // voxels of a volume; the field of view stays the same
  std::uint64_t seed = 0;
  bool faults = false;  // plant damaged files and sheets, too
  int jobs = 0;         // samples at a time; 0: as many as there are cores
};

// Makes {folder}/archive/… and {folder}/descriptor/label_map.yaml; with faults also
// {folder}/faults.csv (columns file, fault). The same options give the same bytes, whatever `jobs`.
// Returns one line a planted fault: `{file}: {what}`, the file relative to the folder.
//
// `progress` is called after each patient and phase, never by two threads at once.
// Throws UsageError for fewer than 3 patients, a size that cannot show a chest (below 8 voxels in a
// direction) or a folder that has one of these files already, and MachineError. What an interrupted
// call left is completed by a call with the same options; it is UsageError for any other.
std::vector<std::string> make_demo_archive(
    const DemoOptions& options,
    const std::function<void(std::size_t done, std::size_t total)>& progress);

}  // namespace nicohort
