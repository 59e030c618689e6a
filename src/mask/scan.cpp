#include "mask/scan.hpp"

#include <bit>
#include <cassert>
#include <cstring>
#include <numeric>
#include <utility>

namespace nicohort {
namespace {

std::uint64_t load_word(const std::uint8_t* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Index of the first byte, in memory order, that is not 0. The word is not 0.
int first_byte(std::uint64_t word) {
  const bool little = std::endian::native == std::endian::little;
  return (little ? std::countr_zero(word) : std::countl_zero(word)) / 8;
}

// The first byte that is not `value`, or `end`. Tries one word, for noise, then whole cache lines,
// which the compiler turns into vector instructions.
const std::uint8_t* find_other(const std::uint8_t* p, const std::uint8_t* end, std::uint8_t value) {
  constexpr std::ptrdiff_t word = 8, line = 64;
  const std::uint64_t pattern = value * 0x0101010101010101u;
  if (end - p >= word) {
    if (const std::uint64_t differs = load_word(p) ^ pattern) return p + first_byte(differs);
    p += word;
  }
  for (; end - p >= line; p += line) {
    std::uint64_t differs = 0;
    for (int i = 0; i < line; i += word) differs |= load_word(p + i) ^ pattern;
    if (differs) break;
  }
  for (; end - p >= word; p += word) {
    if (const std::uint64_t differs = load_word(p) ^ pattern) return p + first_byte(differs);
  }
  while (p != end && *p == value) ++p;
  return p;
}

// Writes `count` bytes of a buffer that is written front to back and returns the place behind them.
// Short counts write a fixed length, which is one instruction where memset is a call; what is too
// much is written over by what follows.
std::uint8_t* fill(std::uint8_t* p, const std::uint8_t* end, std::int64_t count,
                   std::uint8_t value) {
  constexpr std::int64_t fixed = 16;
  if (count <= fixed && end - p >= fixed) {
    std::memset(p, value, fixed);
  } else {
    std::memset(p, value, count);
  }
  return p + count;
}

}  // namespace

void LabelScanner::feed(std::span<const std::uint8_t> labels) {
  const std::int64_t width = mask_.size().x;
  const std::uint8_t* p = labels.data();
  const std::uint8_t* const end = p + labels.size();
  while (p != end) {
    const std::uint8_t label = *p;
    // A run ends with its row; background may go on over many.
    const std::uint8_t* limit = label == 0 ? end : p + std::min<std::int64_t>(end - p, width - x_);
    const std::uint8_t* stop = find_other(p, limit, label);
    const std::int64_t begin = std::exchange(x_, x_ + (stop - p));
    if (label != 0) mask_.add({std::uint32_t(begin), std::uint32_t(x_), label});
    if (x_ >= width) {
      mask_.go_to(mask_.row_under_construction() + x_ / width);
      x_ %= width;
    }
    p = stop;
  }
}

LabelMask LabelScanner::finish() {
  assert(mask_.row_under_construction() == mask_.size().rows() && x_ == 0);
  return std::move(mask_);
}

LabelValues own_values() {
  LabelValues values;
  std::iota(values.begin(), values.end(), std::uint8_t{0});
  return values;
}

LabelValues ones_at(std::uint8_t label) {
  LabelValues values{};
  values[label] = 1;
  return values;
}

// Up to the end of the last run that begins before `end`, and returns the place behind it.
std::uint8_t* LabelPainter::paint_runs(std::uint8_t* p, const std::uint8_t* end) {
  const std::int64_t last = next_ + (end - p);
  for (; place_ < mask_.filled(); ++place_, run_ = 0) {
    const auto [row, runs] = mask_.filled_row(place_);
    const std::int64_t row_begin = row * mask_.size().x;
    for (; run_ < runs.size(); ++run_) {
      const std::int64_t run_begin = std::max(row_begin + runs[run_].begin, next_);
      const std::int64_t run_end = std::min(row_begin + runs[run_].end, last);
      if (run_begin >= last) return p;
      p = fill(p, end, run_begin - next_, values_[0]);
      p = fill(p, end, run_end - run_begin, values_[runs[run_].label]);
      next_ = run_end;
      if (run_end < row_begin + runs[run_].end) return p;  // the next piece goes on with this run
    }
  }
  return p;
}

void LabelPainter::paint(std::span<std::uint8_t> into) {
  const std::uint8_t* const end = into.data() + into.size();
  std::uint8_t* const p = paint_runs(into.data(), end);
  fill(p, end, end - p, values_[0]);
  next_ += end - p;
}

}  // namespace nicohort
