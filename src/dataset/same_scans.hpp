// One scan under two names: it would leak from one patient or subset into another.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

// volumes: sample IDs with the fingerprints of their values (image/value_hash.hpp), empty where it
// is not known. Gives a problem for each sample whose values are another's, too.
std::vector<Problem> same_scans(const std::vector<std::pair<std::string, std::string>>& volumes);

}  // namespace nicohort
