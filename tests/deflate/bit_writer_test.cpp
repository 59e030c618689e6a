#include "deflate/bit_writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nicohort {
namespace {

// Bits as text, the first written first.
std::string as_text(std::uint64_t bits, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += char('0' + (bits >> i & 1));
  return text;
}

TEST(DeflateBits, come_in_the_order_of_writing_however_many_wait) {
  constexpr std::uint64_t pattern = 0x9d3a5c71e64bf2U;
  for (unsigned waiting = 0; waiting < 8; ++waiting)
    for (unsigned count = 0; count <= BitCursor::most_bits; ++count) {
      const std::uint64_t bits = pattern & ((std::uint64_t{1} << count) - 1);
      BitWriter writer;
      std::string expected = as_text(0x55, waiting) + as_text(bits, count) + as_text(bits, count);
      writer.put(0x55 & ((1U << waiting) - 1), waiting);
      writer.put(bits, count), writer.put(bits, count);
      writer.align();
      expected.resize((expected.size() + 7) / 8 * 8, '0');
      std::string written;
      for (const std::byte byte : writer.take()) written += as_text(std::uint64_t(byte), 8);
      ASSERT_EQ(written, expected) << waiting << " and " << count;
      ASSERT_TRUE(writer.is_at_byte());
    }
}

TEST(DeflateBits, of_a_byte_that_is_begun_stay_when_the_others_are_taken) {
  BitWriter writer;
  writer.put(0xabc, 12);
  EXPECT_EQ(writer.take().size(), 1u);
  EXPECT_FALSE(writer.is_at_byte());
  EXPECT_EQ(writer.take().size(), 0u);
  writer.put(0xd, 4);
  const auto rest = writer.take();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0], std::byte{0xda});
}

}  // namespace
}  // namespace nicohort
