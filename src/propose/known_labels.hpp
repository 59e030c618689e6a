// Numbers of labels that everyone who uses these names uses.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nicohort {

// Numbers for the names, which are distinct, from 1 on: those of the built-in recipe of
// TotalSegmentator if it has all of the names (`is_known` is then true), else in alphabetical
// order.
std::vector<std::pair<int, std::string>> number_labels(std::vector<std::string> names,
                                                       bool& is_known);

}  // namespace nicohort
