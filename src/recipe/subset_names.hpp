// Names of the files that subsets of a split get.
#pragma once

#include <string>
#include <vector>

namespace nicohort {

using Subsets = std::vector<std::string>;

// A subset as names of files have it. A folder cannot be in a name.
std::string in_file_name(const std::string& subset);

// `{split}_{A_B}{ending}`: the file with the rows of these subsets.
std::string file_of_subsets(const std::string& split, const Subsets& subsets,
                            const std::string& ending);

// Which of these, each of which has a file, would replace the file of another one: `a, b and a_b
// would both be written to s1_a_b.xlsx`. Empty: none.
std::string same_file_fault(const std::string& split, const std::vector<Subsets>& groups,
                            const std::string& ending);

}  // namespace nicohort
