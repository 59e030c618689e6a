// A verdict as the viewer sends it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dataset/review.hpp"

namespace nicohort {

// From `{"verdict": "accept"|"fix"|"reject", "comment": text, "reviewer": text}`, without a time.
// Nothing for anything else and for text that a worksheet cannot hold; `fault` then says why.
std::optional<Verdict> parse_verdict(std::string_view body, std::string& fault);

}  // namespace nicohort
