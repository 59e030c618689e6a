// How alike the sides of a split are.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "split/sides.hpp"

namespace nicohort {

// A figure for each side, in their order.
struct SplitBalance {
  std::vector<std::pair<std::string, std::size_t>> patients;  // by side
  std::size_t all_patients = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;
};

// Patients, samples, patients of each stratum, median mask volume (of the samples whose volume is
// known).
SplitBalance balance_of(const SplitPlan& plan, const SplitManifest& manifest,
                        const std::map<std::size_t, Cell>& sides);

// As a table of several lines.
std::string text_of(const SplitBalance& balance);

}  // namespace nicohort
