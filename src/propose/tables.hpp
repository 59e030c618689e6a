// Tables of an archive that have a row for each patient.
#pragma once

#include <vector>

#include "propose/draft.hpp"

namespace nicohort {

// Adds the tables in the archive's folder, and in those directly in it, with a column that has the
// samples' identifiers, and splits by their columns. Says what else it found in comments. samples:
// the values of the parts of each.
void add_tables(const ArchiveFiles& files, const Parts& parts,
                const std::vector<PartValues>& samples, Draft& draft);

}  // namespace nicohort
