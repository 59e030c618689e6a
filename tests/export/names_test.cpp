#include "export/names.hpp"

#include <gmock/gmock.h>

#include "base/listener.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

TEST(ExportNames, two_texts_of_one_name_are_told_unless_names_are_known_to_be_wrong) {
  const ExportCohort cohort{.root = {},
                            .recipe = Recipe("volume: \"{pid}.nii.gz\"\n", "r.yaml"),
                            .lock = {},
                            .split = ""};
  ExportPlan plan;
  plan.texts = {{"a/x.json", "1"}, {"x.json", "2"}, {"A/x.json", "3"}};
  Findings findings(nobody());
  require_distinct_files(plan, cohort, findings);
  const auto is_told = Field(&Problem::what, HasSubstr("would have this name"));
  EXPECT_THAT(findings.report().problems(), ElementsAre(is_told));
  EXPECT_EQ(findings.report().problems()[0].subject, "A/x.json");
  require_distinct_files(plan, cohort, findings);
  EXPECT_EQ(findings.report().problems().size(), 1u);
}

}  // namespace
}  // namespace nicohort
