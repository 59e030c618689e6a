// Whether a name is among those there are, and which was probably meant if it is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nicohort {

bool is_among(const std::string& name, const std::vector<std::string>& names);

// The name that differs least from the text, if a slip of the fingers or two (a letter too many,
// too few, wrong, or two swapped) makes the one of the other; empty: none. Case does not count.
std::string near_miss(std::string_view text, const std::vector<std::string>& names);

// `did you mean x?` with that name, else `it can be x, y, z`.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& names);

}  // namespace nicohort
