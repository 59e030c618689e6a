// What recipes say of columns: conditions, derived columns, which columns there are.
#include <gmock/gmock.h>

#include <map>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;

using Columns = std::map<std::string, std::string>;

ValueOf values_of(const Columns& columns) {
  return [columns](const std::string& name) {
    const auto at = columns.find(name);
    return at == columns.end() ? "" : at->second;
  };
}

Condition condition_of(const std::string& yaml) {
  const YamlValue root = parse_yaml(yaml, "c");
  return read_condition(root, "where", {{"pid", {}}}, {"r.yaml"});
}

TEST(Spec5Condition, parts_are_equal_as_text) {
  const Condition condition = condition_of("pid: [7, '0012']");
  EXPECT_TRUE(condition.is_fulfilled(values_of({{"pid", "0012"}})));
  EXPECT_TRUE(condition.is_fulfilled(values_of({{"pid", "7"}})));
  EXPECT_FALSE(condition.is_fulfilled(values_of({{"pid", "12"}})));
  EXPECT_FALSE(condition.is_fulfilled(values_of({{"pid", "007"}})));
}

TEST(Spec5Condition, other_columns_are_equal_as_text_or_as_the_same_number) {
  const Condition condition = condition_of("{age: [60, n/a], seen: true}");
  for (const char* age : {"60", "60.0", "060", "6e1", "n/a"})
    EXPECT_TRUE(condition.is_fulfilled(values_of({{"age", age}, {"seen", "TRUE"}}))) << age;
  for (const char* age : {"", "61", "60 ", "60 years", "N/A", "nan"})
    EXPECT_FALSE(condition.is_fulfilled(values_of({{"age", age}, {"seen", "TRUE"}}))) << age;
  EXPECT_FALSE(condition.is_fulfilled(values_of({{"age", "60"}, {"seen", "1"}})));
  EXPECT_FALSE(condition.is_fulfilled(values_of({{"age", "60"}})));
}

// An identity card of China has 18 digits, of which a double tells 15 apart.
TEST(Spec5Condition, whole_numbers_are_compared_to_the_last_digit) {
  EXPECT_FALSE(is_same_value("110101199003070012", "110101199003070013"));
  EXPECT_TRUE(is_same_value("110101199003070012", "0110101199003070012.0"));
  EXPECT_TRUE(is_same_value("000", "0"));
  EXPECT_TRUE(is_same_value("12.50", "12.5"));
  EXPECT_TRUE(is_same_value("1e3", "1000"));
  EXPECT_FALSE(is_same_value("", "0"));
  EXPECT_FALSE(is_same_value(".0", "zero"));
}

// Of an empty cell it is not known whether it would have fulfilled a condition.
TEST(Spec5Condition, only_a_value_that_is_there_rules_out) {
  const Condition condition{{{"sex", {"F"}, false, 0}, {"site", {"A"}, true, 0}}};
  EXPECT_FALSE(condition.is_ruled_out(values_of({{"sex", "F"}, {"site", "A"}})));
  EXPECT_FALSE(condition.is_ruled_out(values_of({{"sex", ""}, {"site", "A"}})));
  EXPECT_TRUE(condition.is_ruled_out(values_of({{"sex", "M"}, {"site", "A"}})));
  EXPECT_TRUE(condition.is_ruled_out(values_of({{"sex", ""}, {"site", ""}})));
}

TEST(Spec5Condition, of_parts_alone) {
  const Condition condition = condition_of("{age: 60, pid: 7}");
  EXPECT_TRUE(condition.of_parts().is_fulfilled(values_of({{"pid", "7"}})));
  EXPECT_FALSE(condition.of_parts().is_fulfilled(values_of({{"pid", "8"}, {"age", "60"}})));
}

constexpr const char* heart = R"yaml(
volume: "{pid}_{frame}.nii.gz"
metadata: {file: "{pid}.cfg", format: "key: value", columns: {ED: ED, ES: ES, code: Sex}}
columns:
  phase: {from: frame, values: {ED: "{ED}", ES: "{ES}"}, otherwise: UND}
  sex: {from: code, values: {F: [0, female], M: 1}}
  who: {from: sex, values: {woman: F, first: "[{ED}]"}}
)yaml";

std::string derived(const Recipe& recipe, std::size_t column, const Columns& columns) {
  const DerivedColumn& derived = recipe.columns()[column];
  return derived.value_for(values_of(columns)).value_or(derived.otherwise);
}

TEST(Spec5Columns, the_first_value_that_fits) {
  const Recipe recipe(heart, "r.yaml");
  EXPECT_EQ(recipe.columns()[0].name, "phase");
  EXPECT_EQ(derived(recipe, 0, {{"frame", "01"}, {"ED", "1"}, {"ES", "12"}}), "ED");
  EXPECT_EQ(derived(recipe, 0, {{"frame", "12"}, {"ED", "1"}, {"ES", "12"}}), "ES");
  EXPECT_EQ(derived(recipe, 0, {{"frame", "12"}, {"ED", "12"}, {"ES", "12"}}), "ED");
  EXPECT_EQ(derived(recipe, 0, {{"frame", "13"}, {"ED", "1"}, {"ES", "12"}}), "UND");
  EXPECT_EQ(derived(recipe, 1, {{"code", "female"}}), "F");
  EXPECT_EQ(derived(recipe, 1, {{"code", "0.0"}}), "F");
  EXPECT_EQ(derived(recipe, 1, {{"code", "2"}}), "");
  EXPECT_EQ(derived(recipe, 2, {{"sex", "F"}}), "woman");
}

TEST(Spec5Columns, a_pattern_that_is_filled_with_nothing_fits_nothing) {
  const Recipe recipe(heart, "r.yaml");
  EXPECT_EQ(derived(recipe, 0, {{"frame", ""}}), "UND");
  EXPECT_EQ(derived(recipe, 2, {{"sex", ""}}), "");
  EXPECT_EQ(derived(recipe, 2, {{"sex", "3"}, {"ED", "3"}}), "first");
}

TEST(Spec2ExitStatusColumns, a_column_that_there_is_not) {
  struct Case {
    const char *was, *becomes, *message;
  };
  for (const auto& [was, becomes, message] : {
           Case{"from: frame", "from: fram", "line 5: `phase`: there is no column `fram`; did you"},
           Case{"{ES}", "{ESS}", "line 5: `phase`: there is no column `ESS`; did you mean `E"},
           Case{"from: code", "from: who", "line 6: `sex`: there is no column `who`"},
           Case{"columns:\n", "where: {phse: ED}\ncolumns:\n",
                "line 4: `where`: there is no column `phse`; did you mean `phase`?"},
           Case{"columns:\n", "no_mask: {sexx: F}\ncolumns:\n",
                "line 4: `no_mask`: there is no column `sexx`; did you mean `sex`?"},
           Case{"columns:\n", "splits: [{name: s, where: {Sex: F}}]\ncolumns:\n",
                "line 4: `where`: there is no column `Sex`"},
           Case{"columns:\n",
                "splits:\n  - {name: s, parts: [{where: {ED: 1}}, {where: {Sex: F}}]}\ncolumns:\n",
                "line 5: `where`: there is no column `Sex`"},
           Case{"columns:\n", "splits:\n  - {name: s, by: subset}\ncolumns:\n",
                "line 5: `by`: there is no column `subset`"},
           Case{"columns:\n", "splits:\n  - {name: s, leave_out: frme}\ncolumns:\n",
                "line 5: `leave_out`: there is no column `frme`; did you mean `frame`?"},
           Case{"columns:\n", "splits:\n  - {name: s, stratify_by: [phase, age]}\ncolumns:\n",
                "line 5: `stratify_by`: there is no column `age`"},
           Case{"\"{pid}_{frame}.nii.gz\"", "{file: \"{pid}_{frame}.nii.gz\", choose: \"{path}\"}",
                "line 2: `choose`: there is no column `path`"},
       }) {
    std::string text = heart;
    ASSERT_NO_THROW(Recipe(text, "r.yaml"));
    const std::size_t at = text.find(was);
    ASSERT_NE(at, text.npos) << was;
    text.replace(at, std::string_view(was).size(), becomes);
    EXPECT_THAT(message_of<UsageError>([&] { Recipe(text, "r.yaml"); }),
                AllOf(HasSubstr("recipe r.yaml, line"), HasSubstr(message)));
  }
}

TEST(Spec5Columns, which_ones_there_are_only_the_archive_may_say) {
  const Recipe recipe(
      "volume: \"{pid}.nii.gz\"\nmetadata: {file: a.csv, key: {PID: \"{pid}\"}}\n"
      "where: {age: 60}\nsplits: [{name: s, where: {szx: 512, sex: F}}]\n",
      "r.yaml");
  EXPECT_NO_THROW(recipe.require_columns({"age", "sex"}, {}));
  EXPECT_THAT(message_of<UsageError>([&] {
                recipe.require_columns({"aeg", "sex"}, {});
              }),
              HasSubstr("recipe r.yaml, line 3: `where`: there is no column `age`; did you mean "
                        "`aeg`?"));
  EXPECT_THAT(message_of<UsageError>([&] { recipe.require_columns({"age"}, {}); }),
              HasSubstr("line 4: `where`: there is no column `sex`"));
}

}  // namespace
}  // namespace nicohort
