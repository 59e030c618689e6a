#include "base/shell_word.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

namespace nicohort {
namespace {

// What a shell makes of the word.
std::string as_read_by_a_shell(const std::string& word) {
  std::FILE* shell = ::popen(("printf %s " + shell_word(word)).c_str(), "r");
  std::array<char, 256> text{};
  const std::size_t got = std::fread(text.data(), 1, text.size(), shell);
  EXPECT_EQ(::pclose(shell), 0);
  return {text.data(), got};
}

TEST(ShellWord, is_what_a_shell_reads_as_this_word) {
  for (const char* word : {"plain/path.yaml", "it's", "a b", "$(touch x)`y`\"z\"", "*?[a]~!", "",
                           "\\", "; exit 3", "two\nlines", "\xe5\xbd\xb1"})
    EXPECT_EQ(as_read_by_a_shell(word), word);
}

}  // namespace
}  // namespace nicohort
