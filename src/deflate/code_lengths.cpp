#include "deflate/code_lengths.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace nicohort {
namespace {

constexpr std::size_t most_symbols = 286;
constexpr unsigned longest_code = 15;
// Lengths without a limit: a code of n bits needs counts that add up to more than Fibonacci's
// number n, and there are fewer than 2^32.
constexpr std::size_t longest_unlimited = 47;

using Sorted = std::span<std::uint32_t>;

// Counts, ascending, become lengths of codes, in the same memory: A. Moffat and J. Katajainen,
// "In-place calculation of minimum-redundancy codes", 1995.
void lengths_in_place(Sorted a) {
  const std::size_t n = a.size();
  // What two nodes are joined to takes the place of a count; that of a node which has been joined
  // holds its parent.
  std::size_t node = 0, leaf = 0;
  for (std::size_t next = 0; next + 1 < n; ++next) {
    const auto smallest = [&] {
      if (leaf >= n || (node < next && a[node] < a[leaf])) {
        const std::uint32_t sum = a[node];
        a[node++] = std::uint32_t(next);
        return sum;
      }
      return a[leaf++];
    };
    const std::uint32_t first = smallest();
    a[next] = first + smallest();
  }
  // Parents become depths, from the root on.
  a[n - 2] = 0;
  for (std::size_t next = n - 2; next-- > 0;) a[next] = a[a[next]] + 1;
  // Where nodes do not take a place at a depth, leaves do.
  std::size_t places = 1, left = n, inner = n - 1;
  for (std::uint32_t depth = 0; places > 0; ++depth) {
    std::size_t nodes = 0;
    while (inner > 0 && a[inner - 1] == depth) --inner, ++nodes;
    for (; places > nodes; --places) a[--left] = depth;
    places = 2 * nodes;
  }
}

// How many codes have each length, if none is longer than `limit`.
using Histogram = std::array<std::uint32_t, longest_unlimited + 1>;
void keep_limit(Histogram& codes, unsigned limit) {
  std::uint32_t taken = 0;  // of the 2^limit codes of full length
  for (std::size_t length = limit + 1; length < codes.size(); ++length)
    codes[limit] += std::exchange(codes[length], 0);
  for (unsigned length = 1; length <= limit; ++length) taken += codes[length] << (limit - length);
  // A leaf of full length goes beside one of less, which becomes longer by this.
  for (; taken > 1U << limit; --taken) {
    unsigned shorter = limit - 1;
    while (codes[shorter] == 0) --shorter;
    --codes[limit], --codes[shorter], codes[shorter + 1] += 2;
  }
}

}  // namespace

void find_code_lengths(std::span<const std::uint32_t> counts, unsigned limit,
                       std::span<std::uint8_t> lengths) {
  std::array<std::uint64_t, most_symbols> sorted{};  // count << 16 | symbol
  std::size_t used = 0;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol)
    if (counts[symbol] > 0) sorted[used++] = std::uint64_t{counts[symbol]} << 16 | symbol;
  for (std::size_t symbol = 0; used < 2; ++symbol)
    if (counts[symbol] == 0) sorted[used++] = symbol;
  std::sort(sorted.begin(), sorted.begin() + used);

  std::array<std::uint32_t, most_symbols> depths{};
  for (std::size_t i = 0; i < used; ++i) depths[i] = std::uint32_t(sorted[i] >> 16);
  lengths_in_place(Sorted(depths).first(used));
  Histogram codes{};
  for (std::size_t i = 0; i < used; ++i) ++codes[depths[i]];
  keep_limit(codes, limit);

  std::fill(lengths.begin(), lengths.end(), std::uint8_t{0});
  std::size_t next = used;  // the most frequent have the shortest
  for (unsigned length = 1; length <= limit; ++length)
    for (std::uint32_t i = 0; i < codes[length]; ++i)
      lengths[sorted[--next] & 0xffff] = std::uint8_t(length);
}

void find_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes) {
  std::array<unsigned, longest_code + 2> next{};
  for (const std::uint8_t length : lengths)
    if (length > 0) ++next[length + 1];
  for (std::size_t length = 1; length < next.size(); ++length)
    next[length] += next[length - 1], next[length] *= 2;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const unsigned length = lengths[symbol];
    if (length == 0) continue;
    unsigned code = next[length]++, turned = 0;
    for (unsigned bit = 0; bit < length; ++bit, code >>= 1) turned = turned << 1 | (code & 1);
    codes[symbol] = std::uint16_t(turned);
  }
}

}  // namespace nicohort
