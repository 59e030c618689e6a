// Bytes that are mostly like the byte before, as those of a mask are.
#pragma once

#include <cstddef>
#include <span>

#include "deflate/tokens.hpp"

namespace nicohort {

// Adds the tokens of `bytes`; before: the byte before the first, or -1. Matches reach back no
// further than one byte: on masks this gives fewer bits than ISA-L's search for whatever occurred
// before, since all matches share one distance.
void add_run_tokens(std::span<const std::byte> bytes, int before, Tokens& tokens);

}  // namespace nicohort
