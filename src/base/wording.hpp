// Numbers and lists as messages have them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nicohort {

// "1 sample", "2 samples"
std::string counted(std::size_t count, const std::string& singular);

// "A, B, C and 4 more": of more than so many names, the first.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 10);

}  // namespace nicohort
