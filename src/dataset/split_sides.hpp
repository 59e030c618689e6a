// Which side each row of a split is on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataset/split_rows.hpp"

namespace nicohort {

// Rows of one patient that are dealt together.
struct SplitPatient {
  std::string name;
  std::vector<std::size_t> rows;
  std::vector<std::string> stratum;  // the values of `stratify_by`
  std::string side;
};

struct RuleSides {
  std::map<std::size_t, Cell> sides;  // by row; who is not there was left out
  std::vector<SplitPatient> drawn;    // in the order that is shuffled
  std::vector<std::string> problems, told;
};

// Puts the rows on sides as the rule says. kept: the sides of patients in the worksheet that is
// there, for `keep_sides`. Throws UsageError for columns that the manifest does not have, a patient
// with two strata, and sides that cannot be kept.
RuleSides put_on_sides(const SplitRule& rule, const SplitManifest& manifest,
                       const std::vector<std::size_t>& rows,
                       const std::map<std::string, std::string>& kept);

// The patients of these rows, in the order that is shuffled.
std::vector<SplitPatient> patients_of(const SplitManifest& manifest,
                                      const std::vector<std::size_t>& rows);

}  // namespace nicohort
