#include "base/gzip.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

// RFC 1952, 8: CRC-32, bit by bit.
std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += char(value >> 8 * i & 0xff);
  return bytes;
}

// A gzip member (RFC 1952) of one stored block (RFC 1951, 3.2.4), made by hand: no compressor
// shares a mistake with the reader. Up to 65,535 bytes.
std::string stored_member(const std::string& bytes, std::uint32_t crc, std::uint32_t length) {
  const std::uint32_t size = std::uint32_t(bytes.size());
  std::string member("\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", 11);
  for (std::uint32_t n : {size, ~size}) member += {char(n & 0xff), char(n >> 8 & 0xff)};
  return member + bytes + little_endian(crc) + little_endian(length);
}
std::string stored_member(const std::string& bytes) {
  return stored_member(bytes, crc32(bytes), std::uint32_t(bytes.size()));
}

std::string read_all(const fs::path& path, std::size_t piece = 1000) {
  ByteReader reader(path);
  std::string text, buffer(piece, '\0');
  for (;;) {
    const std::size_t got = reader.read(std::as_writable_bytes(std::span(buffer)));
    text.append(buffer, 0, got);
    if (got < piece) return text;
  }
}

// By zlib: what is tested here is the reader.
void gzip(const fs::path& path, const std::string& bytes) {
  gzFile file = ::gzopen(path.c_str(), "wb");
  ASSERT_EQ(::gzwrite(file, bytes.data(), unsigned(bytes.size())), int(bytes.size()));
  ASSERT_EQ(::gzclose(file), Z_OK);
}

TEST(Gzip, reads_a_stored_block) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_all(folder.write("a.gz", stored_member("text"))), "text");
}

TEST(Gzip, is_known_by_its_first_bytes_not_by_its_name) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_all(folder.write("a.nii", stored_member("text"))), "text");
  EXPECT_EQ(read_all(folder.write("a.nii.gz", "plain")), "plain");
  EXPECT_TRUE(ByteReader(folder / "a.nii").is_gzip());
  EXPECT_FALSE(ByteReader(folder / "a.nii.gz").is_gzip());
}

TEST(Spec3Gzip, reads_several_members_as_one) {
  const TemporaryFolder folder;
  const std::string big(50000, 'b');
  const fs::path file = folder.write(
      "a.gz", stored_member("a") + stored_member(big) + stored_member("") + stored_member("c"));
  EXPECT_EQ(read_all(file), "a" + big + "c");
  EXPECT_EQ(read_all(file, 1), "a" + big + "c");
}

TEST(Gzip, zeros_behind_the_last_member_are_padding) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_all(folder.write("a.gz", stored_member("text") + std::string(200000, '\0'))),
            "text");
}

TEST(Spec3DamageGzip, bytes_behind_the_last_member) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<BadInput>(
                  [&] { read_all(folder.write("a.gz", stored_member("text") + "garbage")); }),
              HasSubstr("bytes after the end"));
  EXPECT_THROW(read_all(folder.write("b.gz", stored_member("text") + std::string(9, '\0') + "x")),
               BadInput);
}

TEST(Spec3DamageGzip, truncation_at_every_byte) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::to_string(i * i);
  gzip(folder / "a.gz", text);
  for (const std::string& whole :
       {bytes_of(folder / "a.gz"), stored_member("first") + stored_member("second")}) {
    const std::size_t first_member_end = stored_member("first").size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      if (size < 2) continue;  // not known as gzip; the NIfTI header is missing then
      if (whole.starts_with(stored_member("first")) && size == first_member_end) continue;
      const fs::path cut = folder.write("cut.gz", whole.substr(0, size));
      EXPECT_THAT(message_of<BadInput>([&] { read_all(cut); }),
                  ::testing::AnyOf(HasSubstr("truncated"), HasSubstr("after the end")))
          << size << " of " << whole.size() << " bytes";
    }
  }
}

TEST(Spec3DamageGzip, wrong_checksum) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<BadInput>([&] {
                read_all(folder.write("a.gz", stored_member("text", crc32("text") + 1, 4)));
              }),
              HasSubstr("checksum"));
}

TEST(Spec3DamageGzip, wrong_length) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<BadInput>(
                  [&] { read_all(folder.write("a.gz", stored_member("text", crc32("text"), 5))); }),
              HasSubstr("length"));
}

// A few flips give the same content by another way: a match that copies the same text from
// elsewhere.
TEST(Spec3DamageGzip, a_flipped_bit_never_gives_other_content) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i * i);
  gzip(folder / "a.gz", text);
  const std::string whole = bytes_of(folder / "a.gz");
  constexpr std::size_t header_bytes = 10;  // time and system in it mean nothing for the content
  std::size_t found = 0;
  for (std::size_t bit = 8 * header_bytes; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = char(damaged[bit / 8] ^ 1 << bit % 8);
    try {
      EXPECT_EQ(read_all(folder.write("b.gz", damaged)), text) << "bit " << bit;
    } catch (const BadInput&) {
      ++found;
    }
  }
  EXPECT_GE(found, 8 * (whole.size() - header_bytes) * 99 / 100);
}

TEST(Spec3DamageGzip, empty_file_missing_file_folder) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<BadInput>([&] { ByteReader(folder.write("a.gz", "")); }),
              HasSubstr("empty"));
  EXPECT_THAT(message_of<BadInput>([&] { ByteReader(folder / "none.gz"); }),
              HasSubstr("cannot be opened"));
  EXPECT_THAT(message_of<BadInput>([&] { ByteReader(folder.path()); }),
              HasSubstr("not a regular file"));
}

TEST(Spec4Routine01Gzip, length_field_of_the_last_member) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("a.gz", stored_member("long text") + stored_member("abc"));
  EXPECT_EQ(ByteReader(file).last_member_length(), 3u);
  EXPECT_EQ(ByteReader(file).file_bytes(), fs::file_size(file));
  EXPECT_EQ(
      ByteReader(folder.write("b.gz", stored_member("x", 0, 0xfedcba98))).last_member_length(),
      0xfedcba98);
  EXPECT_EQ(ByteReader(folder.write("plain", "plain")).last_member_length(), 0u);
}

}  // namespace
}  // namespace nicohort
