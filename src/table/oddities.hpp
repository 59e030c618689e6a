// What of a table is probably not meant as it stands, and that no single cell shows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "table/table.hpp"

namespace nicohort {

// A sentence for each: a column whose name is nearly that of another, one value written in several
// ways (1, text `1` and TRUE; `Male` and `male`), numbers with a decimal comma. columns: on which
// something depends; those that are not there are left out.
std::vector<std::string> oddities(const Table& table, const std::set<std::string>& columns);

}  // namespace nicohort
