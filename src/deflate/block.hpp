// Blocks of deflate (RFC 1951, 3.2.3), each with the Huffman codes that its tokens ask for.
#pragma once

#include <span>

#include "deflate/bit_writer.hpp"
#include "deflate/tokens.hpp"

namespace nicohort {

// How bits are shifted: with instructions of every CPU, or with those that only some have. What is
// written is the same.
enum class Shifts { plain, bmi2 };
Shifts fastest_shifts();

// Writes one block: with codes of its own, or with the fixed ones where that is shorter. A block
// of stored bytes is never shorter: of four bytes of a voxel one is 0, and other bytes come here
// only with runs. Matches must not reach back beyond what the whole stream has. `last`: of the
// stream.
void write_block(std::span<const Token> tokens, bool last, BitWriter& bits,
                 Shifts shifts = fastest_shifts());

// An empty block of stored bytes, behind which a whole byte begins.
void write_byte_boundary(BitWriter& bits);

}  // namespace nicohort
