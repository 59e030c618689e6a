#include "step/step.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"
#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Spec5Steps, their_work_has_every_parameter_that_the_sample_depends_on) {
  const StepPtr cleaning = make_step("clean_slices");
  set_parameter(parameter_of(cleaning, "smaller_than"), "\"25 voxels\"");
  EXPECT_EQ(cleaning->work(), (StepWork{"clean_slices",
                                        "{\"empty_label\":\"neighbourhood\",\"filter_halfedge\":3,"
                                        "\"kernel_size\":[5,5],\"smaller_than\":\"25 voxels\","
                                        "\"what\":\"regions\"}",
                                        1}));
  const StepPtr listing = make_step("list_small");
  const StepWork before = listing->work();
  set_parameter(parameter_of(listing, "output"), "\"a.xlsx\"");
  EXPECT_EQ(listing->work(), before) << "where the table goes is not of the sample";
  EXPECT_EQ(make_step("unknown"), nullptr);
}

TEST(Spec5Steps, parameters_are_checked_wherever_they_come_from) {
  const StepPtr cleaning = make_step("clean_slices"), threshold = make_step("threshold");
  struct Case {
    StepPtr step;
    const char *name, *json, *message;
  };
  for (const auto& [step, name, json, message] : {
           Case{cleaning, "kernel_size", "[0,2]", "is 0; it should be from 1 to 1000"},
           Case{cleaning, "kernel_size", "[2]", "is not a list of two whole numbers"},
           Case{cleaning, "kernel_size", "[2.5,2]", "is not a list of two whole numbers"},
           Case{cleaning, "filter_halfedge", "-300", "should be from 0 to 1000"},
           Case{cleaning, "filter_halfedge", "1000000", "should be from 0 to 1000"},
           Case{cleaning, "smaller_than", "\"-1 mm2\"", "is not a size"},
           Case{cleaning, "smaller_than", "\"nan\"", "is not a size"},
           Case{cleaning, "smaller_than", "\"10 mm3\"", "is not a size"},
           Case{cleaning, "empty_label", "\"both\"", "is not one of neighbourhood, background"},
           Case{threshold, "window", "[5,-5]", "must not be above"},
           Case{threshold, "window", "[\"nan\",5]", "is not a list of two numbers"},
           Case{threshold, "window", "7", "is not a list of two numbers"},
       })
    EXPECT_THAT(message_of<UsageError>(
                    [&, s = step, n = name, j = json] { set_parameter(parameter_of(s, n), j); }),
                HasSubstr(message))
        << json;
}

TEST(Spec5Parameters, of_every_kind_come_back_as_they_were) {
  std::uint32_t seed = 0;
  double share = 0;
  bool flag = false;
  std::string text;
  std::vector<std::string> texts;
  const Parameters parameters{
      {.name = "seed", .option = "", .place = &seed, .help = "", .highest = 4294967295},
      {.name = "share", .option = "", .place = &share, .help = "", .highest = 1},
      {.name = "flag", .option = "", .place = &flag, .help = ""},
      {.name = "text", .option = "", .place = &text, .help = ""},
      {.name = "texts", .option = "", .place = &texts, .help = ""}};
  const std::vector<std::vector<std::string>> good{
      {"0", "4294967295"}, {"0.1", "1"}, {"true", "false"}, {"\"a, b\""}, {R"(["a","b"])"}};
  const std::vector<std::vector<std::string>> bad{{"-1", "0.5", "4294967296", "\"1\""},
                                                  {"1.01", "-0.1", "\"nan\""},
                                                  {"1", "\"true\""},
                                                  {"1", "\"\"", "null"},
                                                  {"[1]", "[\"\"]", "{}"}};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    for (const std::string& json : good[i]) {
      set_parameter(parameters[i], json);
      EXPECT_EQ(json_of(parameters[i]), json == "1" ? "1.0" : json) << parameters[i].name;
    }
    const std::string before = json_of(parameters[i]);
    for (const std::string& json : bad[i]) {
      EXPECT_THAT(message_of<UsageError>([&] { set_parameter(parameters[i], json); }),
                  HasSubstr("`" + parameters[i].name + "` is"))
          << json;
      EXPECT_EQ(json_of(parameters[i]), before);
    }
  }
  set_parameter(parameters[4], "\"alone\"");
  EXPECT_EQ(texts, std::vector<std::string>{"alone"});
}

TEST(Spec5Steps, a_threshold_is_in_effect_until_voxels_are_added) {
  const StepWork threshold = make_step("threshold")->work(),
                 listing = make_step("list_small")->work(),
                 cleaning = make_step("clean_slices")->work();
  EXPECT_TRUE(is_in_effect(threshold, std::vector{threshold, listing}));
  EXPECT_FALSE(is_in_effect(threshold, std::vector{threshold, cleaning}));
  EXPECT_FALSE(is_in_effect(threshold, std::vector{listing}));
  EXPECT_FALSE(is_in_effect(cleaning, std::vector{cleaning}));
  EXPECT_FALSE(
      is_in_effect(threshold, std::vector{threshold, StepWork{"edited_by_hand", "{}", 1}}));
}

TEST(Spec5Steps, labels_that_there_are_not_are_refused) {
  for (const auto& [name, given] : {
           std::pair{"relabel", Given{{"values", R"({"1":"d"})"}}},
           std::pair{"relabel", Given{{"values", R"({"1":"a","2":"foreground"})"}}},
           std::pair{"list_small", Given{{"of", R"("d")"}}},
           std::pair{"list_small", Given{{"of", R"(["a","d"])"}}},
           std::pair{"fill_holes", Given{{"with", R"("d")"}}},
           std::pair{"fill_holes", Given{{"with", R"("foreground")"}}},
           std::pair{"fill_holes", Given{{"with", R"("a")"}, {"of", R"(["foreground","d"])"}}},
           std::pair{"keep_largest", Given{{"of", R"(["a","d"])"}}},
           std::pair{"keep_largest", Given{{"of", R"("4")"}}},
           std::pair{"remove_small", Given{{"of", R"("d")"}}},
       }) {
    const Dense dense = drawn({"1.2.3"});
    MaskState state = state_of(dense);
    const StepPtr step = step_with(name, given);
    const std::string message = message_of<BadInput>([&] { do_step(step, state); });
    EXPECT_THAT(message, HasSubstr(std::string("`") + name + "` names the label `"));
    EXPECT_EQ(state.mask, to_labels(dense));
    EXPECT_EQ(unknown_label(*step, state.labels), message);
  }
}

TEST(Spec5Steps, a_label_may_be_called_foreground) {
  MaskState state = state_of(drawn({"1.2"}));
  state.labels[3] = "foreground";
  do_step(step_with("relabel", {{"values", R"({"1":"foreground"})"}}), state);
  EXPECT_EQ(state.mask, to_labels(drawn({"3.2"})));
}

TEST(Spec5Steps, come_one_after_the_other) {
  MaskState state = state_of(drawn({"1.111", "....."}));
  Values values([](const TakeValues&) {});
  const auto findings = apply_steps(
      {step_with("keep_largest", {}), step_with("relabel", {{"values", R"({"1":"b"})"}})}, state,
      values);
  EXPECT_EQ(state.mask, to_labels(drawn({"..222", "....."})));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].counts.at("removed"), 1);
  EXPECT_EQ(findings[1].counts.at("relabelled"), 3);
}

TEST(Spec5Steps, values_without_a_label_are_all_but_the_background) {
  Dense mask({4, 1, 1});
  mask.voxels = {0, 1, 7, 7};
  const auto sentences = unmapped_values(to_labels(mask), {{1, "EsoROI"}});
  ASSERT_EQ(sentences.size(), 1u) << "0 needs no name";
  EXPECT_THAT(sentences[0], HasSubstr("2 voxels of value 7"));
}

}  // namespace
}  // namespace nicohort
