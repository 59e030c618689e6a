// What commands say on stdout.
#pragma once

#include <cstddef>
#include <string>

namespace nicohort {

// One sentence on stdout.
void say(const std::string& sentence);

// "1 sample", "2 samples"
std::string counted(std::size_t count, const std::string& singular);

}  // namespace nicohort
