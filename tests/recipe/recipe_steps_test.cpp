#include "recipe/recipe_steps.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::StartsWith;

const LabelNames labels{{0, "Bg"}, {1, "liver"}};

Steps steps_of(const std::string& yaml) {
  return all_steps(read_steps(parse_yaml(yaml, "test"), labels, {}, {"r.yaml"}));
}

std::vector<std::string> works(const std::string& yaml) {
  std::vector<std::string> texts;
  for (const StepWork& work : works_of(steps_of(yaml)))
    texts.push_back(work.name + " " + work.parameters);
  return texts;
}

// Where the lists of small regions go.
std::vector<std::string> outputs(const std::string& yaml) {
  std::vector<std::string> texts;
  for (const StepPtr& step : steps_of(yaml))
    for (const Parameter& parameter : step->parameters())
      if (parameter.name == "output") texts.push_back(*std::get<std::string*>(parameter.place));
  return texts;
}

TEST(Spec5RecipeSteps, a_value_alone_is_the_main_parameter) {
  EXPECT_THAT(works("[threshold: [-140, 1e3]]"),
              ElementsAre(R"(threshold {"window":[-140.0,1000.0]})"));
  EXPECT_THAT(works("[threshold: {window: [-140, 1000]}]"), works("[threshold: [-140, 1000]]"));
  EXPECT_THAT(works("[list_small: 300 mm3]"),
              ElementsAre(R"(list_small {"of":[],"smaller_than":"300 mm3"})"));
  EXPECT_THAT(works("[list_small: 25 voxels]"),
              ElementsAre(R"(list_small {"of":[],"smaller_than":"25 voxels"})"));
  EXPECT_THAT(works("[list_small: 300]"), works("[list_small: 300 mm3]"));
}

TEST(Spec5RecipeSteps, a_window_may_be_open) {
  EXPECT_THAT(works("[threshold: [-140, .inf]]"),
              ElementsAre(R"(threshold {"window":[-140.0,"inf"]})"));
  EXPECT_THAT(works("[threshold: [-.inf, 0]]"),
              ElementsAre(R"(threshold {"window":["-inf",0.0]})"));
}

TEST(Spec5RecipeSteps, in_their_order_as_often_as_wanted) {
  const std::string clean = "- clean_slices: {kernel_size: [1, 1], smaller_than: 1 mm2}\n";
  EXPECT_THAT(works("- threshold: [0, 1]\n- threshold: [2, 3]\n" + clean + "- threshold: [0, 1]\n"),
              ElementsAre(R"(threshold {"window":[0.0,1.0]})", R"(threshold {"window":[2.0,3.0]})",
                          HasSubstr("clean_slices"), R"(threshold {"window":[0.0,1.0]})"));
  EXPECT_THAT(steps_of("[]"), IsEmpty());
}

TEST(Spec5RecipeSteps, what_is_not_given_has_its_default) {
  EXPECT_THAT(works("[clean_slices: {kernel_size: [3, 2], smaller_than: 12 voxels, empty_label: "
                    "background}]"),
              ElementsAre(R"(clean_slices {"empty_label":"background","filter_halfedge":3,)"
                          R"("kernel_size":[3,2],"smaller_than":"12 voxels","what":"regions"})"));
}

TEST(Spec5RecipeSteps, lists_of_small_regions_have_names) {
  EXPECT_THAT(outputs("- list_small: 300 mm3\n"
                      "- list_small: {smaller_than: 7 mm3, output: seven.csv}\n"
                      "- clean_slices: {kernel_size: [5, 5], smaller_than: 10 mm2}\n"
                      "- list_small: 300 mm3\n"),
              ElementsAre("small_connected_region_300_manifest.xlsx", "seven.csv",
                          "small_connected_region_300_after_modification_manifest.xlsx"));
}

TEST(Spec5RecipeSteps, where_says_for_which_samples_a_step_is) {
  const RecipeSteps steps = read_steps(
      parse_yaml("- relabel: {15: liver}\n  where: {sex: F}\n- threshold: [0, 1]", "test"), labels,
      {}, {"r.yaml"});
  const auto works_for = [&](const std::string& sex) {
    return works_of(steps_for(steps, [&](const std::string&) { return sex; }));
  };
  const auto of_f = works_for("F"), of_m = works_for("M");
  EXPECT_EQ(of_f, works_of(all_steps(steps)));
  EXPECT_NE(of_f, of_m);
  EXPECT_TRUE(of_m[0].is_spared);
  EXPECT_FALSE(of_m[1].is_spared);
  EXPECT_TRUE(are_same_steps(of_f, of_m));
  Values values([](const TakeValues&) {});
  MaskState state{LabelMask({1, 1, 1}), {}, labels};
  state.mask.add({0, 1, 15});
  state.mask.end_row();
  const LabelMask before = state.mask;
  steps_for(steps, [](const std::string&) { return "M"; })[0]->apply(state, values);
  EXPECT_EQ(state.mask, before);
}

TEST(Spec5RecipeSteps, a_step_that_spares_some_can_come_again) {
  EXPECT_EQ(works("- threshold: [0, 1]\n  where: {sex: F}\n- threshold: [0, 1]").size(), 2u);
}

TEST(Spec5RecipeSteps, thresholding_does_not_count_as_modification) {
  EXPECT_THAT(outputs("- threshold: [0, 1]\n- list_small: 1 mm3\n"),
              ElementsAre("small_connected_region_1_manifest.xlsx"));
}

TEST(Spec2ExitStatusRecipeSteps, a_mistake_is_explained_with_its_line) {
  struct Case {
    const char *yaml, *message;
  };
  for (const auto& [yaml, message] : {
           Case{"{threshold: [0, 1]}", "line 1: `steps` is not a list"},
           Case{"[threshold]", "line 1: `steps` has an item that is not a map of one step"},
           Case{"-\n  {}", "`steps` has an item that is not a map of one step"},
           Case{"- threshold: [0, 1]\n  list_small: 3 mm3",
                "line 2: `threshold` and `list_small` are one item"},
           Case{"- threshold: [0, 1]\n  threshold: [0, 1]",
                "line 2: `steps`: `threshold` occurs twice"},
           Case{"- where: {sex: F}", "line 1: `steps` has an item that is not a map of one step"},
           Case{"- threshold: [0, 1]\n  where: F", "line 2: `where` is not a map"},
           Case{"- threshold: [0, 1]\n- list_small: 3 mm3\n- threshold: [0, 1]",
                "line 3: `threshold` occurs a second time, which changes nothing"},
           Case{"- list_small: 3 mm3\n- list_small: 3.0 mm3",
                "line 2: `list_small` occurs a second time"},
           Case{"- treshold: [0, 1]",
                "line 1: `treshold` is not a step; did you mean `threshold`?"},
           Case{"- sharpen: 3",
                "line 1: `sharpen` is not a step; it can be threshold, relabel, list_small"},
           Case{"- clean_slices:\n    what: gaps",
                "line 2: `clean_slices`: `what` is not one of regions, holes"},
           Case{"- relabel: {x: Bg}", "line 1: `relabel`: `values` has `x`, which is not a whole"},
           Case{"- relabel: {256: Bg}", "line 1: `relabel`: `values` is 256; it should be from 0"},
           Case{"- relabel: {2: Bg, 02: Bg}", "line 1: `relabel`: `values` names 2 twice"},
           Case{"- relabel: {}", "line 1: `relabel`: `values` is not a map of numbers"},
           Case{"- relabel: {2: }", "line 1: `relabel`: `values` has no text for 2"},
           Case{"- relabel: {2: livre}",
                "names the label `livre`, which is not among the labels; "
                "did you mean `liver`?"},
           Case{"- keep_largest: {of: [liver, \"9\"]}", "names the label `9`, which is not among"},
           Case{"- keep_largest: {of: \"9\"}", "line 1: `keep_largest` names the label `9`"},
           Case{"- fill_holes: {smaller_than: 3 mm2}", "line 1: `fill_holes` needs `with`"},
           Case{"- fill_holes: {smaller_than: 3 mm3, with: 1}",
                "line 1: `fill_holes`: `smaller_than` is not a size"},
           Case{"- remove_small: {smaller_than: 3 mm2}", "`smaller_than` is not a size"},
           Case{"- clean_slices:\n    kernel: [5, 5]\n",
                "line 2: `kernel` is not a parameter of `clean_slices`; it can be kernel_size"},
           Case{"- clean_slices:\n    kernel_sise: [5, 5]\n",
                "line 2: `kernel_sise` is not a parameter of `clean_slices`; did you mean "
                "`kernel_size`?"},
           Case{"- clean_slices: {smaller_than: 10 mm2}",
                "line 1: `clean_slices` needs `kernel_size`"},
           Case{"- threshold:", "line 1: `threshold` needs `window`"},
           Case{"- threshold: {window: }", "line 1: `window` of `threshold` has no value"},
           Case{"- threshold: {window: [0, 1], window: [0, 2]}",
                "line 1: `threshold`: `window` occurs twice"},
           Case{"- threshold: [-140]",
                "line 1: `threshold`: `window` is not a list of two numbers"},
           Case{"- threshold: [.nan, 3]",
                "line 1: `threshold`: `window` is not a list of two numbers"},
           Case{"- threshold: [\"0\", 3]",
                "line 1: `threshold`: `window` is not a list of two numbers"},
           Case{"- threshold: [3, 1]", "line 1: `threshold`: `window` is 3 to 1"},
           Case{"- list_small: 10 mm2",
                "line 1: `list_small`: `smaller_than` is not a size such as"},
           Case{"- list_small: -3 mm3", "line 1: `list_small`: `smaller_than` is not a size"},
           Case{"- list_small: .nan", "line 1: `list_small`: `smaller_than` is not a size"},
           Case{"- list_small: [1, 2]", "line 1: `list_small`: `smaller_than` is not a size"},
           Case{"- clean_slices:\n    kernel_size: [0, 5]\n",
                "line 2: `clean_slices`: `kernel_size` is 0"},
           Case{"- clean_slices:\n    kernel_size: [1.5, 5]\n",
                "line 2: `clean_slices`: `kernel_size` is not a list of two whole numbers"},
           Case{"- clean_slices:\n    filter_halfedge: -1\n",
                "line 2: `clean_slices`: `filter_halfedge` is -1"},
           Case{"- clean_slices:\n    empty_label: bg\n",
                "line 2: `clean_slices`: `empty_label` is not one of"},
           Case{"- list_small: 3 mm3\n- list_small: 3 mm3",
                "line 2: two steps `list_small` write `small_connected_region_3_manifest.xlsx`"},
           Case{"- list_small: {smaller_than: 3, output: a/b.xlsx}",
                "line 1: `output` of `list_small` is `a/b.xlsx`"},
           Case{"- list_small: {smaller_than: 3, output: a.txt}",
                "line 1: `output` of `list_small` is `a.txt`"},
           Case{"- list_small: {smaller_than: 3, output: review.xlsx}", "another table's name"},
       })
    EXPECT_THAT(message_of<UsageError>([&, yaml = yaml] { steps_of(yaml); }),
                AllOf(StartsWith("recipe r.yaml, line "), HasSubstr(message)))
        << yaml;
}

}  // namespace
}  // namespace nicohort
