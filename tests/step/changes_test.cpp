#include "step/changes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(CountChanges, equals_a_loop_over_voxels, ()) {
  const Size3 size = random_size();
  const Dense before = random_dense(size, 3), after = random_dense(size, 3);
  // 1 or 3 without a name; the background with or without one.
  LabelNames labels{{2, "b"}};
  labels.emplace(*rc::gen::element(0, 1, 3), "other");
  std::map<std::string, std::int64_t> expected{{"removed", 0}, {"filled", 0}, {"relabelled", 0}};
  for (const auto& [label, name] : labels) {
    if (label == 0) continue;
    auto& gained = expected["gained " + label_text(label, name)];
    auto& lost = expected["lost " + label_text(label, name)];
    gained = lost = 0;
    for (std::size_t i = 0; i < before.voxels.size(); ++i) {
      gained += before.voxels[i] != label && after.voxels[i] == label;
      lost += before.voxels[i] == label && after.voxels[i] != label;
    }
  }
  for (std::size_t i = 0; i < before.voxels.size(); ++i) {
    const int was = before.voxels[i], is = after.voxels[i];
    expected["removed"] += was != 0 && is == 0;
    expected["filled"] += was == 0 && is != 0;
    expected["relabelled"] += was != 0 && is != 0 && was != is;
  }
  StepFindings findings;
  count_changes(to_labels(before), to_labels(after), labels, findings);
  RC_ASSERT(findings.counts == expected);
}

TEST(CountChanges, labels_that_nothing_happened_to_are_counted_too) {
  StepFindings findings;
  count_changes(to_labels(drawn({"112"})), to_labels(drawn({"1.1"})), {{1, "a"}, {5, "e"}},
                findings);
  EXPECT_EQ(findings.counts, (std::map<std::string, std::int64_t>{{"removed", 1},
                                                                  {"filled", 0},
                                                                  {"relabelled", 1},
                                                                  {"gained 01_a", 1},
                                                                  {"lost 01_a", 1},
                                                                  {"gained 05_e", 0},
                                                                  {"lost 05_e", 0}}));
}

}  // namespace
}  // namespace nicohort
