// The recipe's key `groups`: `{masses: [tumour, cyst]}`.
#pragma once

#include <string>
#include <vector>

#include "recipe/reader.hpp"
#include "step/labels.hpp"

namespace nicohort {

struct GivenGroup {
  std::string name;                 // fit for file names
  std::vector<std::string> labels;  // names or numbers
  int line = 0;
};

std::vector<GivenGroup> read_groups(const YamlValue& map, const RecipeSource& source);

// Throws UsageError with the line of a group of a label that is not among these.
LabelGroups groups_of(const std::vector<GivenGroup>& groups, const LabelNames& labels,
                      const RecipeSource& source);

}  // namespace nicohort
