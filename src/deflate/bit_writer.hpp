// Bits in deflate's order, the lowest first (RFC 1951, 3.1.1).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace nicohort {

static_assert(std::endian::native == std::endian::little, "words are written as they are");

// Bits at a place with room for them and eight bytes more.
class BitCursor {
 public:
  // At a time: with seven that wait for the rest of their byte, a word that is shifted by less
  // than its length.
  static constexpr unsigned most_bits = 56;

  explicit BitCursor(std::uint8_t* at) : at_(at) {}

  void put(std::uint64_t bits, unsigned count) {
    word_ |= bits << count_;
    std::memcpy(at_, &word_, sizeof word_);
    count_ += count;
    at_ += count_ / 8;
    word_ >>= count_ & ~7U;
    count_ %= 8;
  }

  // The whole bytes end here; what is begun of the next is written, too.
  std::uint8_t* at() const { return at_; }
  unsigned begun_bits() const { return count_; }

 private:
  friend class BitWriter;
  std::uint8_t* at_;
  std::uint64_t word_ = 0;  // the bits of the byte at at_
  unsigned count_ = 0;      // fewer than 8
};

// Bits in memory that grows.
class BitWriter {
 public:
  // Where at most `bits` can be put; put_back() says how far it was done.
  BitCursor cursor(std::size_t bits) {
    constexpr std::size_t spare = 2 * sizeof(std::uint64_t);
    if (bytes_.size() < size_ + bits / 8 + spare) bytes_.resize(size_ + bits / 8 + spare);
    cursor_.at_ = bytes_.data() + size_;
    return cursor_;
  }
  void put_back(const BitCursor& cursor) {
    cursor_ = cursor;
    size_ = std::size_t(cursor.at_ - bytes_.data());
  }

  void put(std::uint64_t bits, unsigned count) {
    BitCursor cursor = this->cursor(count);
    cursor.put(bits, count);
    put_back(cursor);
  }
  bool is_at_byte() const { return cursor_.begun_bits() == 0; }
  // Zeros up to the next whole byte.
  void align() { put(0, (8 - cursor_.begun_bits()) % 8); }

  // The whole bytes until now, which are forgotten with the next call of another function.
  std::span<const std::byte> take() {
    const auto whole = std::as_bytes(std::span(bytes_)).first(size_);
    size_ = 0;
    return whole;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;  // whole bytes
  BitCursor cursor_{nullptr};
};

}  // namespace nicohort
