// What tokens stand for, by the tables of RFC 1951, 3.2.5, typed anew.
#pragma once

#include <span>
#include <stdexcept>
#include <string>

#include "deflate/tokens.hpp"

namespace nicohort::testing {

struct Coded {
  unsigned base, extra_bits;
};
constexpr Coded rfc_lengths[] = {
    {3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1}, {13, 1},
    {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3}, {59, 3},
    {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}};
constexpr Coded rfc_distances[] = {{1, 0},     {2, 0},     {3, 0},      {4, 0},      {5, 1},
                                   {7, 1},     {9, 2},     {13, 2},     {17, 3},     {25, 3},
                                   {33, 4},    {49, 4},    {65, 5},     {97, 5},     {129, 6},
                                   {193, 6},   {257, 7},   {385, 7},    {513, 8},    {769, 8},
                                   {1025, 9},  {1537, 9},  {2049, 10},  {3073, 10},  {4097, 11},
                                   {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}};

inline unsigned value_of(const Coded& coded, Token token) {
  const unsigned extra = token & 0xffff;
  if (extra >> coded.extra_bits != 0) throw std::runtime_error("more extra bits than there are");
  return coded.base + extra;
}

// Appended to what was before, which matches may reach.
inline std::string expand(std::span<const Token> tokens, std::string text = "") {
  const auto copy = [&](unsigned length, unsigned distance) {
    if (distance > text.size() || distance > 32768)
      throw std::runtime_error("a match reaches back too far");
    for (; length > 0; --length) text += text[text.size() - distance];
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const unsigned symbol = tokens[i] >> 16;
    if (symbol < 256) {
      text += char(symbol);
    } else if (symbol >= 320) {
      copy(4, value_of(rfc_distances[symbol - 320], tokens[i]));
    } else if (symbol > 256 && symbol < 286) {
      const unsigned length = value_of(rfc_lengths[symbol - 257], tokens[i]);
      ++i;
      if (i == tokens.size() || tokens[i] >> 16 < 288 || tokens[i] >> 16 >= 318)
        throw std::runtime_error("a length without a distance");
      copy(length, value_of(rfc_distances[(tokens[i] >> 16) - 288], tokens[i]));
    } else {
      throw std::runtime_error("no token begins so");
    }
  }
  return text;
}

}  // namespace nicohort::testing
