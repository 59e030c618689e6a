#include "table/yaml.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

Cell again(const Cell& cell) {
  return yaml_cell(*parse_yaml("key: " + yaml_scalar(cell), "test").find("key"));
}

// Texts that YAML 1.1 (PyYAML) or 1.2 takes for a boolean, null, number, date, time, merge or value
// key, or for the beginning of something, unless they are quoted.
TEST(Spec4Routine02YamlScalar, text_that_yaml_would_read_otherwise_is_quoted) {
  for (const std::string text : {"yes",
                                 "no",
                                 "on",
                                 "off",
                                 "y",
                                 "n",
                                 "Y",
                                 "N",
                                 "Yes",
                                 "NO",
                                 "On",
                                 "OFF",
                                 "true",
                                 "True",
                                 "FALSE",
                                 "null",
                                 "Null",
                                 "NULL",
                                 "~",
                                 "",
                                 "nan",
                                 ".nan",
                                 ".NaN",
                                 "inf",
                                 ".inf",
                                 "-.Inf",
                                 "0012",
                                 "12",
                                 "-7",
                                 "+7",
                                 "0",
                                 "1e3",
                                 "1E3",
                                 "1.5e+3",
                                 "1_000",
                                 "0x1F",
                                 "0o17",
                                 "0b101",
                                 "12:30:45",
                                 "190:20:30",
                                 ".5",
                                 "5.",
                                 "-.5",
                                 "=",
                                 "<<",
                                 "2024-01-02",
                                 "2024-01-02 03:04:05",
                                 "2001-12-14t21:59:43.10-05:00",
                                 " leading",
                                 "trailing ",
                                 " ",
                                 "a: b",
                                 "a:",
                                 ": b",
                                 "a #b",
                                 "#b",
                                 "- a",
                                 "-",
                                 "? a",
                                 "?",
                                 "[a]",
                                 "{a}",
                                 "a, b",
                                 "&a",
                                 "*a",
                                 "!a",
                                 "!!int 3",
                                 "|",
                                 ">",
                                 "%a",
                                 "@a",
                                 "`a",
                                 "'",
                                 "\"",
                                 "it's",
                                 "\"quoted\"",
                                 "back\\slash",
                                 "two\nlines",
                                 "\n",
                                 "a\ttab",
                                 "---",
                                 "...",
                                 "\x01",
                                 "食管癌",
                                 "男",
                                 "😀",
                                 "é",
                                 "=1+1",
                                 "T3N1M0; stage III"}) {
    EXPECT_THAT(yaml_scalar(text), ::testing::AnyOf(StartsWith("'"), StartsWith("\""))) << text;
    EXPECT_EQ(again(text), Cell(text));
  }
}

TEST(Spec4Routine02YamlScalar, plain_words_need_no_quotes) {
  for (const char* text :
       {"Male", "Pathological Complete Response (pCR)", "TJ/pre", "SYTH_0012_pre",
        "paclitaxel + cisplatin", "T3N1", "yesterday", "nothing", "e5", "x1F"}) {
    EXPECT_EQ(yaml_scalar(std::string(text)), text);
    EXPECT_EQ(again(std::string(text)), Cell(std::string(text)));
  }
}

TEST(Spec4Routine02YamlScalar, other_types) {
  EXPECT_EQ(yaml_scalar(Cell()), "null");
  EXPECT_EQ(yaml_scalar(true), "true");
  EXPECT_EQ(yaml_scalar(false), "false");
  EXPECT_EQ(yaml_scalar(63.0), "63");
  EXPECT_EQ(yaml_scalar(-0.1), "-0.1");
  EXPECT_EQ(yaml_scalar(189003440.0), "189003440");
  const DateTime day{2024y / std::chrono::January / 2, 0ms};
  EXPECT_EQ(yaml_scalar(day), "'2024-01-02'");
  EXPECT_EQ(yaml_scalar(DateTime{day.date, 3h + 4min + 5s}), "'2024-01-02 03:04:05'");
  for (const Cell& cell : {Cell(), Cell(true), Cell(false), Cell(63.0), Cell(-0.1), Cell(1e300)})
    EXPECT_EQ(again(cell), cell) << yaml_scalar(cell);
}

// U+0085 and its like come from text that was decoded wrongly. PyYAML takes U+0085 for a line break
// and refuses the others, unless they are escaped; so are separators of lines and paragraphs.
TEST(Spec4Routine02YamlScalar, control_characters_are_escaped) {
  for (const std::string text : {"a\nb", "a\tb", "a\x1b", "a\x7f", "a\xc2\x85z", "\xc2\x9f",
                                 "男\xc2\x80", "a\u2028z", "a\u2029 z", "\ufeff", "\uffff"}) {
    const std::string scalar = yaml_scalar(text);
    EXPECT_THAT(scalar, ::testing::AllOf(StartsWith("\""), HasSubstr("\\")));
    EXPECT_EQ(again(text), Cell(text));
  }
  EXPECT_EQ(yaml_scalar(std::string("no\xc2\xa0"
                                    "space")),
            "'no\xc2\xa0"
            "space'");
}

// PyYAML takes 1e+20 for text: its numbers with an exponent have a point.
TEST(Spec4Routine02YamlScalar, an_exponent_comes_with_a_point) {
  EXPECT_THAT(yaml_scalar(1e300), StartsWith("1.0e"));
  EXPECT_THAT(yaml_scalar(1e-7), StartsWith("1.0e"));
  EXPECT_THAT(yaml_scalar(1.5e-7), StartsWith("1.5e"));
}

RC_GTEST_PROP(Spec4Routine02YamlScalar, every_text_is_the_same_text_again, ()) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  static const std::vector<std::string> pieces{"a",  "Z", "0", "9", " ", ":", "#", "'",  "\"", "\n",
                                               "\t", "-", "[", "{", ",", "&", "*", "\\", "男", "😀",
                                               "\r", "~", ".", "e", "!", "|", ">", "%",  "é",  "="};
  std::string text;
  for (std::size_t n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
  RC_ASSERT(again(text) == Cell(text));
}

RC_GTEST_PROP(Spec4Routine02YamlScalar, every_number_is_the_same_number_again, ()) {
  const double number = *rc::gen::arbitrary<double>() * std::pow(10, *rc::gen::inRange(-300, 280));
  RC_PRE(std::isfinite(number));
  RC_ASSERT(again(number) == Cell(number == 0 ? 0.0 : number));
}

// An info file that somebody edited: what is not written as nicohort writes it is taken as it
// stands.
TEST(YamlCell, numbers_in_another_form_stay_text) {
  for (const char* text : {"0012", "1_000", "0x1F", "12:30:45", "1.50", "+7", "1e3"})
    EXPECT_EQ(yaml_cell(parse_yaml(text, "test")), Cell(std::string(text)));
  EXPECT_EQ(yaml_cell(parse_yaml("'12'", "test")), Cell(std::string("12")));
  EXPECT_EQ(yaml_cell(parse_yaml("12", "test")), Cell(12.0));
  EXPECT_EQ(yaml_cell(parse_yaml("", "test")), Cell());
  EXPECT_EQ(yaml_cell(parse_yaml("~", "test")), Cell());
  EXPECT_THROW(yaml_cell(parse_yaml("[1]", "test")), BadInput);
}

TEST(Spec2ExitStatusYaml, errors_name_the_source_and_the_line) {
  EXPECT_THAT(message_of<UsageError>([] { parse_yaml("a: 1\nb: [", "recipe.yaml"); }),
              ::testing::AllOf(StartsWith("recipe.yaml: is not YAML: line "), HasSubstr(":")));
}

TEST(Yaml, values_keep_their_lines_and_order) {
  const YamlValue root = parse_yaml("a: 1\n# x\nb:\n  - c\n  - {d: '2', d: [e]}\nf:\n", "test");
  ASSERT_EQ(root.entries.size(), 3);
  EXPECT_EQ(root.entries[1].line, 3);
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_FALSE(root.find("a")->is_quoted);
  EXPECT_TRUE(root.find("f")->is_null());
  EXPECT_EQ(root.find("g"), nullptr);
  const YamlValue& list = *root.find("b");
  ASSERT_TRUE(list.is_list());
  EXPECT_EQ(list.items[0].line, 4);
  const YamlValue& map = list.items[1];
  ASSERT_EQ(map.entries.size(), 2) << "a key may be there twice";
  EXPECT_TRUE(map.entries[0].value.is_quoted);
  EXPECT_EQ(map.entries[1].value.items[0].text, "e");
  EXPECT_EQ(map.line, 5);
}

TEST(Spec2ExitStatusYaml, what_is_refused) {
  for (const char* text : {"a: &x 1\nb: *x", "[a]: b", "{a: b}: c", "a: 1\n---\nb: 2"})
    EXPECT_THROW(parse_yaml(text, "test"), UsageError) << text;
  EXPECT_NO_THROW(parse_yaml("---\na: 1\n...\n", "test"));
}

TEST(Spec2ExitStatusYaml, small_texts_only) {
  const nicohort::testing::TemporaryFolder folder;
  EXPECT_EQ(read_small_text(folder.write("a", "text")), "text");
  EXPECT_THROW(read_small_text(folder.write("b", std::string((1 << 20) + 1, 'b'))), UsageError);
  EXPECT_THROW(read_small_text(folder / "none"), UsageError);
}

}  // namespace
}  // namespace nicohort
