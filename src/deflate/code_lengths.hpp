// Huffman codes as deflate has them.
#pragma once

#include <cstdint>
#include <span>

namespace nicohort {

// Lengths in bits of the codes for symbols that occur `counts` times, none longer than `limit` (at
// most 15): 0 for symbols that do not occur, but at least two symbols have a code, since some
// readers refuse fewer. Without the limit no lengths give fewer bits. At most 286 symbols, at
// least two.
void find_code_lengths(std::span<const std::uint32_t> counts, unsigned limit,
                       std::span<std::uint8_t> lengths);

// The codes of these lengths (RFC 1951, 3.2.2), each with its first bit lowest, as it is written.
void find_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes);

}  // namespace nicohort
