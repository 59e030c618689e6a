// Which side each row of a split is on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "split/rows.hpp"

namespace nicohort {

struct SplitPatient {
  std::string name;
  std::vector<std::size_t> rows;
};

struct SplitSides {
  std::map<std::size_t, Cell> sides;  // by row; who is not there was left out
  std::vector<std::string> problems, told;
};

// Puts the rows on sides as the rules of one split say. rejects: the samples that rules with
// `exclude_rejected` leave out. kept: the sides of patients in the worksheet that is there, for
// rules with `keep_sides`. A patient on more than one side is among the problems. Throws UsageError
// for columns that the manifest does not have, a patient with two strata, sides that cannot be
// kept, and a sample of two rules.
SplitSides put_on_sides(const std::vector<SplitRule>& rules, const SplitManifest& manifest,
                        const std::set<std::string>& rejects,
                        const std::map<std::string, std::string>& kept);

// What there is to say of values that the rule renames and no row has, which a slip of the pen
// looks like.
std::vector<std::string> unknown_values(const SplitRule& rule, const SplitManifest& manifest);

// Throws UsageError if no row of the rule is on the side that it divides.
void require_divided(const SplitRule& rule, const SplitManifest& manifest);

// "the column `subset`", which says the sides of these rules, or several; empty: all are drawn.
std::string columns_of_sides(const std::vector<SplitRule>& rules);

// "patient A is in train and test", of each patient on more than one side.
std::vector<std::string> divided_patients(const SidesOfPatients& patients);

SidesOfPatients sides_of(const SplitManifest& manifest, const std::map<std::size_t, Cell>& sides);

// The patients of these rows, in the order that is shuffled.
std::vector<SplitPatient> patients_of(const SplitManifest& manifest,
                                      const std::vector<std::size_t>& rows);

}  // namespace nicohort
