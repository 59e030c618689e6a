#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/temporary_folder.hpp"
#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec5Relabel, equals_a_loop_over_voxels, ()) {
  Dense dense = random_dense(random_size(), 6);
  std::map<int, int> to;
  std::string json;
  for (int left = random_in(1, 5); left > 0; --left) {
    const int value = random_in(0, 8), label = random_in(0, 4);
    if (!to.emplace(value, label).second) continue;
    const std::string text = random_in(0, 2) == 1
                                 ? std::to_string(label)
                                 : std::array{"\"Bg\"", "\"a\"", "\"b\"", "\"c\""}[label];
    json += fmt::format("{}\"{}\":{}", json.empty() ? "" : ",", value, text);
  }
  MaskState state = state_of(dense);
  const StepPtr step = step_with("relabel", {{"values", "{" + json + "}"}});
  do_step(step, state);
  for (std::uint8_t& voxel : dense.voxels)
    if (const auto found = to.find(voxel); found != to.end()) voxel = std::uint8_t(found->second);
  RC_ASSERT(state.mask == to_labels(dense));
  RC_ASSERT(step->adds_voxels() || !to.contains(0));
}

LabelMask relabelled(const std::string& values, const Dense& dense) {
  return mask_after("relabel", {{"values", values}}, dense);
}

TEST(Spec5Relabel, all_at_once) {
  EXPECT_EQ(relabelled(R"({"1":"b","2":"a"})", drawn({"1.2211"})), to_labels(drawn({"2.1122"})));
  EXPECT_EQ(relabelled(R"({"1":"b","2":"c","3":"Bg"})", drawn({"123"})), to_labels(drawn({"23."})));
}

TEST(Spec5Relabel, values_that_are_not_named_stay) {
  EXPECT_EQ(relabelled(R"({"5":"a"})", drawn({"5167."})), to_labels(drawn({"1167."})));
}

TEST(Spec5Relabel, several_values_become_one_label) {
  EXPECT_EQ(relabelled(R"({"5":"a","7":"a"})", drawn({"5177.6"})), to_labels(drawn({"1111.6"})));
}

TEST(Spec5Relabel, the_background_is_a_value_too) {
  EXPECT_EQ(relabelled(R"({"0":"c","1":0})", drawn({".1.2"})), to_labels(drawn({"3.32"})));
}

TEST(Spec5Relabel, labels_by_number_where_the_labels_have_it) {
  EXPECT_EQ(relabelled(R"({"5":2,"6":"3"})", drawn({"56"})), to_labels(drawn({"23"})));
  EXPECT_THROW(relabelled(R"({"5":4})", drawn({"56"})), BadInput);
}

TEST(Spec5Relabel, what_changes_is_counted_by_the_labels_that_voxels_get_and_had) {
  MaskState state = state_of(drawn({"1.255"}));
  const auto counts =
      do_step(step_with("relabel", {{"values", R"({"5":"b","2":"Bg","0":"a"})"}}), state).counts;
  EXPECT_EQ(counts.at("relabelled"), 2);
  EXPECT_EQ(counts.at("removed"), 1);
  EXPECT_EQ(counts.at("filled"), 1);
  EXPECT_EQ(counts.at("gained 01_a"), 1);
  EXPECT_EQ(counts.at("gained 02_b"), 2);
  EXPECT_EQ(counts.at("lost 02_b"), 1);
}

// Where voxels of the background get a label a threshold before it is not in effect any more.
TEST(Spec5Relabel, adds_voxels_if_it_names_the_background) {
  EXPECT_TRUE(step_with("relabel", {{"values", R"({"0":"a"})"}})->adds_voxels());
  EXPECT_FALSE(step_with("relabel", {{"values", R"({"5":"a","1":"Bg"})"}})->adds_voxels());
}

TEST(Spec5Relabel, its_values_are_checked) {
  for (const auto& [json, message] : {
           std::pair{"{}", "is not a map of numbers to texts"},
           std::pair{"[1]", "is not a map of numbers to texts"},
           std::pair{R"({"a":"b"})", "has `a`, which is not a whole number"},
           std::pair{R"({"1.5":"b"})", "has `1.5`, which is not a whole number"},
           std::pair{R"({"1":""})", "has no text for 1"},
           std::pair{R"({"01":"a","1":"b"})", "names 1 twice"},
           std::pair{R"({"256":"a"})", "is 256; it should be from 0 to 255"},
           std::pair{R"({"-1":"a"})", "is -1; it should be from 0 to 255"},
       })
    EXPECT_THAT(message_of<UsageError>([&, text = json] {
                  step_with("relabel", {{"values", text}});
                }),
                ::testing::HasSubstr(message))
        << json;
}

}  // namespace
}  // namespace nicohort
