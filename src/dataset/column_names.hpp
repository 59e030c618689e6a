// Names for columns that would be taken for others: nothing is lost for want of a name.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace nicohort {

// Makes names unique and none of them reserved, each as `{name}_2`, `{name}_3` where it was taken.
// The first column of a name keeps it, and no other is given a name that stands in the list.
std::vector<std::string> free_names(std::vector<std::string> names,
                                    const std::set<std::string>& reserved = {});

}  // namespace nicohort
