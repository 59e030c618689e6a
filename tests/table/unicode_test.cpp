#include "table/unicode.hpp"

#include <gmock/gmock.h>

#include <clocale>
#include <cwctype>

namespace nicohort {
namespace {

TEST(LowerCase, of_letters_of_any_script_whatever_the_locale) {
  EXPECT_EQ(lower_case("PATIENT-ID Nr. 7"), "patient-id nr. 7");
  EXPECT_EQ(lower_case("GRÖSSE Çelik ŁÓDŹ"), "grösse çelik łódź");
  EXPECT_EQ(lower_case("ΑΘΗΝΑ Москва ԱՐՄԵՆ"), "αθηνα москва արմեն");
  EXPECT_EQ(lower_case("食管癌 123 ﬂ"), "食管癌 123 ﬂ");
  EXPECT_EQ(lower_case("𐐀"), "𐐨");
  EXPECT_EQ(lower_case("\xffÄ\xc3"), "\xffä\xc3");  // what is no UTF-8 stays
}

// That of Debian 12, which has Unicode 15.
TEST(LowerCase, is_that_of_the_c_library_for_every_character) {
  const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) GTEST_SKIP() << "needs the locale C.UTF-8";
  std::size_t changed = 0, different = 0;
  for (char32_t c = 0x80; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    const char32_t expected = ::towlower_l(static_cast<wint_t>(c), unicode);
    std::string text, lower;
    append_utf8(text, c);
    append_utf8(lower, expected);
    changed += expected != c;
    different += lower_case(text) != lower;
  }
  ::freelocale(unicode);
  EXPECT_GT(changed, 1300U);
  EXPECT_EQ(different, 0U);
}

}  // namespace
}  // namespace nicohort
