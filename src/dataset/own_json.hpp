// JSON that a dataset keeps of itself: records, plans, lines of the cache. Who copies a dataset
// gets these files from others.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

namespace nicohort {

// Throws BadInput for what nests deeper than any file of nicohort, which would fill the stack, and
// for a number with a fraction where none belongs: nlohmann-json would convert it to a whole number
// without looking at the range. fractional: the keys whose numbers may have one, alone or in lists.
// What stands below `parameters` is text to this program and may have any. Throws json::exception
// for text that is not JSON.
nlohmann::json parse_own_json(const std::string& text,
                              const std::set<std::string_view>& fractional = {});

}  // namespace nicohort
