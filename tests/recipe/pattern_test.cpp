#include "recipe/pattern.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::Optional;

Part mapped(const std::string& name, std::vector<std::pair<std::string, std::string>> values) {
  return {name, std::move(values)};
}
Part fitting(const std::string& name, const std::string& expression = "[^_/]+") {
  return {name, {}, expression};
}

const Parts site_and_pid{mapped("site", {{"N", "north (1)"}, {"S", "south"}}), fitting("pid")};

TEST(PathPattern, captures_parts_in_short) {
  const PathPattern pattern("{site_dir}/ct/{site}_{pid}.nii.gz", site_and_pid);
  EXPECT_THAT(pattern.match("north (1)/ct/N_0012.nii.gz"), Optional(ElementsAre("N", "0012")));
  EXPECT_THAT(pattern.match("south/ct/S_王 三.nii.gz"), Optional(ElementsAre("S", "王 三")));
  for (const char* path :
       {"north (1)/ct/S_0012.nii.gz",  // folder and name contradict each other
        "N/ct/N_0012.nii.gz",          // the short form is no folder
        "west/ct/W_1.nii.gz", "south/ct/S_.nii.gz", "south/ct/S_1_2.nii.gz",
        "x/south/ct/S_1.nii.gz", "south/ct/S_1.nii.gz.bak", "south/ct/S_1xnii.gz", ""})
    EXPECT_EQ(pattern.match(path), std::nullopt) << path;
}

TEST(PathPattern, nii_gz_stands_for_nii_in_any_case) {
  const PathPattern pattern("{pid}.nii.gz", {fitting("pid")});
  for (const char* path : {"a.nii", "a.nii.gz", "a.NII.GZ", "a.Nii"})
    EXPECT_THAT(pattern.match(path), Optional(ElementsAre("a"))) << path;
  EXPECT_EQ(pattern.match("a.nii.g"), std::nullopt);
}

TEST(PathPattern, an_optional_piece_that_is_absent_says_nothing) {
  const PathPattern pattern("sub-{pid}[/ses-{ses}]/sub-{pid}[_ses-{ses}]_T1w.nii.gz",
                            {fitting("pid", "[A-Za-z0-9]+"), fitting("ses", "[A-Za-z0-9]+")});
  EXPECT_THAT(pattern.match("sub-A/sub-A_T1w.nii.gz"), Optional(ElementsAre("A", "")));
  EXPECT_THAT(pattern.match("sub-A/ses-1/sub-A_ses-1_T1w.nii.gz"), Optional(ElementsAre("A", "1")));
  EXPECT_THAT(pattern.match("sub-A/ses-1/sub-A_T1w.nii.gz"), Optional(ElementsAre("A", "1")));
  EXPECT_EQ(pattern.match("sub-A/ses-1/sub-A_ses-2_T1w.nii.gz"), std::nullopt);
  EXPECT_EQ(pattern.match("sub-A/sub-B_T1w.nii.gz"), std::nullopt);
}

TEST(PathPattern, verse) {
  const PathPattern pattern(
      "{archive}/dataset-{x}{subset_dir}/rawdata/sub-{pid}/"
      "sub-{pid}[_split-verse{scan}][_dir-{dir}]_ct.nii.gz",
      {fitting("archive", "VerSe[0-9]{2}"), fitting("x", "[a-z0-9]*?"),
       mapped("subset", {{"train", "training"}, {"val", "validation"}, {"test", "test"}}),
       fitting("pid", "[a-z]+[0-9]{3}"), fitting("scan", "[0-9]{3}"), fitting("dir", "[a-z]+")});
  EXPECT_THAT(
      pattern.match("VerSe19/dataset-verse19training/rawdata/sub-verse004/sub-verse004_ct.nii.gz"),
      Optional(ElementsAre("VerSe19", "verse19", "train", "verse004", "", "")));
  EXPECT_THAT(pattern.match("VerSe20/dataset-01validation/rawdata/sub-gl003/"
                            "sub-gl003_split-verse254_dir-ax_ct.nii.gz"),
              Optional(ElementsAre("VerSe20", "01", "val", "gl003", "254", "ax")));
}

TEST(PathPattern, any_is_within_one_name_and_need_not_repeat) {
  const PathPattern pattern("{any}/{pid}/{any}.nii.gz", {fitting("pid")});
  EXPECT_THAT(pattern.match("a/1/b c.nii.gz"), Optional(ElementsAre("1")));
  EXPECT_EQ(pattern.match("a/x/1/b.nii.gz"), std::nullopt);
}

TEST(PathPattern, signs_of_regular_expressions_stand_for_themselves) {
  const PathPattern pattern("a.b*(c)+?|^$\\d/{pid}.nii.gz", {fitting("pid")});
  EXPECT_THAT(pattern.match("a.b*(c)+?|^$\\d/1.nii.gz"), Optional(ElementsAre("1")));
  EXPECT_EQ(pattern.match("axb*(c)+?|^$\\d/1.nii.gz"), std::nullopt);
}

TEST(PathPattern, an_expression_may_have_groups_and_alternatives) {
  const PathPattern pattern("{a}-{b}-{a}.nii.gz", {fitting("a", "(x|y(z))\\d+|00"), fitting("b")});
  EXPECT_THAT(pattern.match("x1-q-x1.nii.gz"), Optional(ElementsAre("x1", "q")));
  EXPECT_THAT(pattern.match("yz22-00-yz22.nii.gz"), Optional(ElementsAre("yz22", "00")));
  EXPECT_EQ(pattern.match("yz22-00-00.nii.gz"), std::nullopt);
}

TEST(PathPattern, a_part_is_within_one_name) {
  const PathPattern pattern("{pid}.nii.gz", {fitting("pid", ".+")});
  EXPECT_THAT(pattern.match("a.nii.gz"), Optional(ElementsAre("a")));
  EXPECT_EQ(pattern.match("a/b.nii.gz"), std::nullopt);
}

TEST(PathPattern, a_name_in_the_archive_may_be_empty_or_of_several_folders) {
  const PathPattern pattern(
      "images{subset_dir}/{pid}.nii.gz",
      {mapped("subset", {{"train", ""}, {"test", "/held/out"}}), fitting("pid")});
  EXPECT_THAT(pattern.match("images/1.nii.gz"), Optional(ElementsAre("train", "1")));
  EXPECT_THAT(pattern.match("images/held/out/1.nii.gz"), Optional(ElementsAre("test", "1")));
}

TEST(PathPattern, with_another_value_of_a_part) {
  const PathPattern pattern("{site_dir}/{pid}/x-{site}-{pid}[_{pid}].nii.gz", site_and_pid);
  EXPECT_EQ(pattern.with_part("south/12/x-S-12.NII", 1, "P345"), "south/P345/x-S-P345.NII");
  EXPECT_EQ(pattern.with_part("south/12/x-S-12_12.nii", 1, ""), "south//x-S-_.nii");
  EXPECT_EQ(pattern.with_part("south/12/x-S-12.nii", 0, "N"), "north (1)/12/x-N-12.nii");
}

TEST(PathPattern, folders_without_a_part) {
  const PathPattern pattern("a/b{pid}/images/{pid}.nii.gz", {fitting("pid")});
  EXPECT_TRUE(pattern.has_folder("a"));
  EXPECT_TRUE(pattern.has_folder("images"));
  EXPECT_FALSE(pattern.has_folder("b{pid}"));
  EXPECT_FALSE(pattern.has_folder("{pid}.nii.gz"));
}

TEST(Pattern, is_filled) {
  const Pattern pattern("{site}:{site_dir}[-{pid}]", site_and_pid);
  EXPECT_EQ(pattern.fill({"N", "7"}), "N:north (1)-7");
  EXPECT_EQ(pattern.fill({"S", ""}), "S:south");
  EXPECT_THAT(pattern.parts(), ElementsAre(0, 1));
}

TEST(Pattern, an_optional_piece_needs_each_of_its_parts) {
  const Parts parts{fitting("a"), fitting("b")};
  EXPECT_EQ(Pattern("[x{a}{b}]", parts).fill({"1", ""}), "");
  EXPECT_EQ(Pattern("[x{a}{b}]", parts).fill({"1", "2"}), "x12");
  EXPECT_EQ(Pattern("[x{a}[-{b}]]", parts).fill({"1", ""}), "x1");
  EXPECT_EQ(Pattern("[x{a}[-{b}]]", parts).fill({"1", "2"}), "x1-2");
  EXPECT_EQ(Pattern("[x{a}[-{b}]]", parts).fill({"", "2"}), "");
  EXPECT_EQ(Pattern("[x[-{b}]]", parts).fill({"", ""}), "");
}

TEST(Pattern, a_mistake_is_explained) {
  struct Case {
    const char *text, *message;
  };
  for (const auto& [text, message] :
       {Case{"{pid", "`{` without a `}`"}, Case{"pid}", "`}` without a `{`"},
        Case{"[{pid}", "`[` without a `]`"}, Case{"{pid}]", "`]` without a `[`"},
        Case{"{pdi}", "{pdi}, which is not a part of every image; did you mean `pid`?"},
        Case{"{pid_dir}", "write {pid}"}, Case{"{}", "{}"}, Case{"{any}", "{any}"}})
    EXPECT_THAT(message_of<UsageError>([&, text = text] { Pattern(text, site_and_pid); }),
                HasSubstr(message));
  EXPECT_THAT(message_of<UsageError>([] { PathPattern("{pid}.nrrd", site_and_pid); }),
              HasSubstr("end in .nii.gz"));
  EXPECT_THAT(message_of<UsageError>([] { PathPattern("/{pid}.nii.gz", site_and_pid); }),
              HasSubstr("begins with `/`"));
  EXPECT_THAT(message_of<UsageError>([] { PathPattern(std::string(200, '['), site_and_pid); }),
              HasSubstr(".nii.gz"));
  EXPECT_THAT(message_of<UsageError>([] {
                PathPattern(std::string(200, '[') + std::string(200, ']') + ".nii.gz",
                            site_and_pid);
              }),
              HasSubstr("optional pieces"));
}

TEST(Expression, that_is_none_is_explained_in_words) {
  for (const auto& [expression, message] :
       {std::pair("[0-9]{4}", ""),
        {"[a", "`[a` has no closing bracket `]`"},
        {"(a", "a parenthesis `(` is not closed"},
        {"a)", "a parenthesis `)` was not opened"},
        {"a\\", "it ends in a backslash"},
        {"\\y", "`\\y` is not known"},
        {"[z-a]", "`z-a` is not a range of characters"},
        {"*a", "nothing stands before `*` that could be repeated"},
        {"a{1001}", "`{1001}` cannot be a number of repetitions"},
        {"a**", "`**` cannot be a number of repetitions"},
        {"\xff", "it is not valid UTF-8"},
        {"(a{1000}){1000}", "cannot be a number of repetitions"}}) {
    const std::string fault = expression_fault(expression);
    EXPECT_THAT(fault, HasSubstr(message)) << expression;
    EXPECT_EQ(fault.empty(), std::string(message).empty()) << fault;
  }
}

// Any pattern of parts between literals gives back the parts that it was filled with.
RC_GTEST_PROP(PathPattern, what_is_filled_in_is_matched_again, ()) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  auto pick = [&](const std::vector<std::string>& texts) { return texts[random() % texts.size()]; };
  const Parts parts{mapped("site", {{"N", "north (1)"}, {"S", "s.*"}, {"NS", "nord|süd"}}),
                    mapped("phase", {{"pre", "0"}, {"post", "00"}}), fitting("pid", "[A-Z0-9]+"),
                    fitting("scan", "[0-9]{3}")};
  std::string text;
  bool is_optional = false;
  // A literal stands between any two parts, so that there is one way to read the path.
  for (std::size_t n = 1 + random() % 6; n > 0; --n) {
    is_optional = random() % 3 == 0;
    text += pick({"/", "_", ".x.", "(a|b)", "-\\d", "^$"});
    text += (is_optional ? "[#{" : "{") +
            pick({"site", "site_dir", "phase", "phase_dir", "pid", "scan"}) +
            (is_optional ? "}]" : "}");
  }
  text = "i" + text + "/.nii.gz";
  const PartValues values{pick({"N", "S", "NS"}), pick({"pre", "post"}), pick({"0012", "A", "ZZ9"}),
                          pick({"000", "123"})};
  const Pattern pattern(text, parts);
  const auto found = PathPattern(text, parts).match(pattern.fill(values));
  RC_ASSERT(found.has_value());
  for (std::size_t part : pattern.parts()) RC_ASSERT((*found)[part] == values[part]);
}

}  // namespace
}  // namespace nicohort
