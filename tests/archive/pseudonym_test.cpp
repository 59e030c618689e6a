#include "archive/pseudonym.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const PseudonymKey test_key("0123456789abcdef");

// Made with Python: "P" + base64.b32encode(hmac.digest(key, site + b"\0" + pid,
// "sha256"))[:10]
TEST(Pseudonym, is_the_begin_of_the_keyed_hash_in_base32) {
  EXPECT_EQ(test_key("TJ", "0012"), "PBECFJDTLSO");
  EXPECT_EQ(test_key("XY", "0012"), "PZOLZWZC4XE");
  EXPECT_EQ(test_key("TJ", "12"), "PZH2JCEW5Q6");
  EXPECT_NE(PseudonymKey("0123456789abcdeg")("TJ", "0012"), test_key("TJ", "0012"));
}

TEST(Pseudonym, a_fingerprint_tells_keys_apart) {
  EXPECT_EQ(test_key.fingerprint(), PseudonymKey("0123456789abcdef").fingerprint());
  EXPECT_NE(test_key.fingerprint(), PseudonymKey("0123456789abcdeg").fingerprint());
  EXPECT_EQ(test_key.fingerprint().size(), 64u);
}

TEST(Pseudonym, the_end_of_the_last_line_is_no_part_of_a_key) {
  TemporaryFolder folder;
  for (const char* end : {"", "\n", "\r\n"})
    EXPECT_EQ(load_pseudonym_key(folder.write("test_key", std::string("0123456789abcdef") + end))
                  .fingerprint(),
              test_key.fingerprint());
  EXPECT_NE(load_pseudonym_key(folder.write("test_key", "0123456789abcdef\n\n")).fingerprint(),
            test_key.fingerprint());
}

TEST(Pseudonym, a_key_is_not_short_and_not_missing) {
  TemporaryFolder folder;
  EXPECT_THAT(message_of<UsageError>(
                  [&] { load_pseudonym_key(folder.write("test_key", "0123456789abcde\n")); }),
              HasSubstr("has 15 bytes, but needs at least 16; make one with: openssl rand"));
  EXPECT_THAT(message_of<BadInput>([&] { load_pseudonym_key(folder / "none"); }),
              HasSubstr("cannot be opened"));
  EXPECT_THAT(message_of<BadInput>([&] { load_pseudonym_key(folder.path()); }),
              HasSubstr("cannot be read"));
}

TEST(Pseudonym, is_found_as_a_word_of_its_own) {
  EXPECT_TRUE(has_pseudonym(test_key("TJ", "0012")));
  EXPECT_TRUE(has_pseudonym("tongji/images/TJ_PABCDEFGH27.nii.gz"));
  EXPECT_FALSE(has_pseudonym("tongji/images/TJ_PABCDEFGH2.nii.gz"));
  EXPECT_FALSE(has_pseudonym("TJ_PABCDEFGH277"));
  EXPECT_FALSE(has_pseudonym("XPABCDEFGH27"));
  EXPECT_FALSE(has_pseudonym("TJ_0012007941"));
}

TEST(Pseudonym, takes_the_place_of_the_identifier_in_a_cell) {
  auto text = [](const Cell& cell) { return to_text(without_identifier(cell, "00120", "P")); };
  EXPECT_EQ(text("00120"), "P");
  EXPECT_EQ(text("TJ_00120.nii.gz, 00120"), "TJ_P.nii.gz, P");
  EXPECT_EQ(text("王小明00120"), "王小明P");
  EXPECT_EQ(text("100120 001200 00120a"), "100120 001200 00120a");
  EXPECT_EQ(text("00120 00120"), "P P");
  EXPECT_EQ(text(120.0), "P");
  EXPECT_EQ(text(121.0), "121");
  EXPECT_EQ(text(Cell()), "");
  EXPECT_EQ(text(true), "TRUE");
  EXPECT_EQ(without_identifier("aged 0012", "0012", "P"), Cell("aged 0012"));
  EXPECT_EQ(without_identifier(61.0, "61", "P"), Cell(61.0));
}

}  // namespace
}  // namespace nicohort
