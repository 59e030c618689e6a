// Damage for the demo archive: every kind of fault that a real archive was seen with or could have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "phantom/clinical.hpp"

namespace nicohort {

// A patient of its own, so that one fault gives one clear report.
struct PlannedFault {
  Patient patient;
  std::string file;  // with the fault, below the archive's folder
  std::string
      what;  // empty: nothing is wrong, it only looks unusual and must be read without complaint
  // Writes the patient's files.
  std::function<void(const std::filesystem::path& archive)> write;
  // What happens to the patient's row of the site's clinical table, if anything.
  std::function<void(Table& table, std::size_t row)> edit_sheet;
};

// Plans all of them. Images are small; patients' numbers start at `first_index` in each site.
std::vector<PlannedFault> plan_faults(std::uint64_t seed, int first_index, Size3 size);

}  // namespace nicohort
