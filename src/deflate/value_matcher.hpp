// LZ77 that knows what it compresses: voxels of whole numbers, seen as float32.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "deflate/tokens.hpp"

namespace nicohort {

// Finds for each voxel where its value was last. A table of places, indexed by the value, takes the
// place of hashing bytes and comparing them: what it gives is a match of four bytes, unless it is
// further back than deflate reaches.
class ValueMatcher {
 public:
  static constexpr std::size_t most_voxels = 65536;  // at a time

  static constexpr std::size_t reach = longest_distance / bytes_of_voxel;  // in voxels

  ValueMatcher();

  // Adds the tokens of the next voxels, float32, at most most_voxels. Adds nothing, and gives
  // false, if one is not a whole number of int16 (-0 is none).
  bool add_tokens(std::span<const std::byte> voxels, Tokens& tokens);
  // Other bytes come between: matches of later voxels must not reach beyond these.
  void forget() { advance(reach); }

 private:
  Token* add(std::size_t voxels, Token* to);
  void advance(std::size_t voxels);

  std::vector<std::uint16_t> values_;  // those that matches reach, then the next
  std::vector<std::uint32_t> last_;    // position of the last voxel of each value
  std::uint32_t position_ = 0;         // of the next voxel
};

}  // namespace nicohort
