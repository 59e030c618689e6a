#include "recipe/label_map.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Spec4Routine03LabelNames, short_forms_by_index) {
  const LabelNames names = parse_label_map(
      "index_map: {0: background, 1: esophagus cancer ROI}\n"
      "short_form_index_map:\n  0: Bg\n  1: EsoROI\n",
      "label_map.yaml");
  EXPECT_THAT(names, ElementsAre(Pair(0, "Bg"), Pair(1, "EsoROI")));
}

TEST(Spec5LabelNames, full_forms_where_there_are_no_short_ones) {
  const std::string full = "full_form_index_map: {0: background, 1: esophagus cancer}\n";
  EXPECT_THAT(parse_label_map(full, "m"),
              ElementsAre(Pair(0, "background"), Pair(1, "esophagus_cancer")));
  EXPECT_THAT(parse_label_map(full + "short_form_index_map: {0: Bg}\n", "m"),
              ElementsAre(Pair(0, "Bg")));
}

TEST(Spec4Routine03LabelNames, blanks_and_slashes_become_underscores) {
  EXPECT_THAT(
      parse_label_map("short_form_index_map: {7: 'left lung', 255: a/b\\c, 3: \"t\\tt\", 4: 肺 叶}",
                      "m"),
      ElementsAre(Pair(3, "t_t"), Pair(4, "肺_叶"), Pair(7, "left_lung"), Pair(255, "a_b_c")));
}

TEST(Spec4Routine03LabelNames, a_name_is_its_text_whatever_yaml_takes_it_for) {
  EXPECT_THAT(parse_label_map("short_form_index_map: {0: no, 1: 0012, 2: 1.50, 3: 12:30}", "m"),
              ElementsAre(Pair(0, "no"), Pair(1, "0012"), Pair(2, "1.50"), Pair(3, "12:30")));
}

TEST(Spec4Routine03LabelNames, need_no_background) {
  EXPECT_THAT(parse_label_map("short_form_index_map: {1: a}", "m"), ElementsAre(Pair(1, "a")));
}

TEST(Spec2ExitStatusLabelNames, a_wrong_map_is_explained) {
  struct Case {
    const char *text, *message;
  };
  for (const auto& [text, message] : {
           Case{"", "has no labels"},
           Case{"{0: Bg}", "has no labels"},
           Case{"short_form_index_map: {}", "has no labels"},
           Case{"short_form_index_map: [Bg, EsoROI]", "has no labels"},
           Case{"short_form_index_map: {256: x}", "`256`, which is not a label"},
           Case{"short_form_index_map: {-1: x}", "`-1`, which is not a label"},
           Case{"short_form_index_map: {1.0: x}", "`1.0`, which is not a label"},
           Case{"short_form_index_map: {one: x}", "`one`, which is not a label"},
           Case{"short_form_index_map: {1: x, 01: y}", "label 1 twice"},
           Case{"short_form_index_map: {1: T, 2: T}", "calls both label 1 and label 2 `T`; give"},
           Case{"short_form_index_map: {1: a b, 2: a/b}",
                "calls both label 1 and label 2 `a_b`, with `_` for spaces and slashes in file "
                "names"},
           Case{"short_form_index_map: {1: ''}", "no name for label 1"},
           Case{"short_form_index_map: {1: [x]}", "not `label: name`"},
           Case{"short_form_index_map: {1: x", "is not YAML: line"},
           Case{"short_form_index_map:\n  0: Bg\n  1:\n",
                "label map map.yaml, line 3: has no name"},
       }) {
    EXPECT_THAT(message_of<UsageError>([&, text = text] { parse_label_map(text, "map.yaml"); }),
                ::testing::AllOf(HasSubstr("label map map.yaml"), HasSubstr(message)))
        << text;
  }
}

TEST(Spec2ExitStatusLabelNames, file_is_missing) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<UsageError>([&] { load_label_map(folder / "none.yaml"); }),
              HasSubstr("none.yaml"));
}

}  // namespace
}  // namespace nicohort
