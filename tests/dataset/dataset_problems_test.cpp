#include "dataset/dataset_problems.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

SampleRecord record_of(const std::string& id, const std::string& parameters) {
  SampleRecord record;
  record.id = record.folder = id;
  record.mask.emplace();
  if (!parameters.empty()) record.steps = {{{"threshold", parameters, 1}, {}}};
  return record;
}

TEST(Steps, that_differ_are_told) {
  std::vector<SampleRecord> records{record_of("A", "[0]"), record_of("B", "[0]")};
  EXPECT_THAT(told_of_steps(records), IsEmpty());
  records[0].steps[0].findings.counts["removed"] = 3;
  EXPECT_THAT(told_of_steps(records), IsEmpty()) << "what they found may differ";
  records.push_back(record_of("C", "[1]"));
  EXPECT_THAT(told_of_steps(records), HasSubstr("2 samples (A, …), 1 sample (C)"));
  records[2].mask.reset();
  EXPECT_THAT(told_of_steps(records), IsEmpty()) << "without a mask there is nothing to do";
  records[2].mask.emplace();
  records[2].folder.clear();
  EXPECT_THAT(told_of_steps(records), IsEmpty()) << "it was not written";
}

TEST(Samples, of_which_only_the_record_is_left_are_told) {
  std::vector<SampleRecord> records{record_of("A", ""), record_of("B", ""), record_of("C", "")};
  records[2].folder.clear();
  const auto problems = lost_samples(records, {"A"});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].subject, "B");
}

}  // namespace
}  // namespace nicohort
