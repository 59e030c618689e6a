#include "report/misplaced_masks.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Samples of a site, whose masks have these medians.
void add(std::vector<ReportedSample>& samples, const std::string& site,
         const std::vector<double>& medians) {
  for (double median : medians) {
    ReportedSample& sample = samples.emplace_back();
    sample.info.id = fmt::format("{}_{}", site, samples.size());
    if (!site.empty()) sample.info.attributes = {{"site", site}};
    sample.mask.emplace();
    sample.mask->intensity.voxels = 10;
    sample.mask->intensity.median = median;
    sample.mask->intensity.p5 = median - 10;
  }
}

std::vector<std::string> found_in(const std::vector<ReportedSample>& samples,
                                  const std::string& unit) {
  std::vector<std::string> sites;
  for (const Problem& problem : find_misplaced_masks(samples, unit))
    sites.push_back(problem.subject);
  return sites;
}

TEST(MisplacedMasks, a_site_whose_every_mask_lies_in_air) {
  std::vector<ReportedSample> samples;
  add(samples, "A", {40, 35, 50});
  add(samples, "B", {-1000, -980, -501});
  const auto problems = find_misplaced_masks(samples, "HU");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].subject, "B");
  EXPECT_EQ(problems[0].what,
            "the values in all of its 3 masks are those of air (medians from -1000 to -501 HU); if "
            "these are not masks of the lung, check that masks and volumes belong together, and "
            "are not shifted or flipped");
}

TEST(MisplacedMasks, one_mask_in_the_body_speaks_for_its_site) {
  std::vector<ReportedSample> samples;
  add(samples, "A", {-1000, -1000, -499});
  EXPECT_THAT(found_in(samples, "HU"), IsEmpty());
}

TEST(MisplacedMasks, masks_without_values_say_nothing) {
  std::vector<ReportedSample> samples;
  add(samples, "A", {0, 0});
  for (ReportedSample& sample : samples) sample.mask->intensity = {};
  samples.emplace_back().info.attributes = {{"site", "A"}};  // without a mask
  EXPECT_THAT(found_in(samples, "HU"), IsEmpty());
  add(samples, "A", {-1000});
  EXPECT_THAT(found_in(samples, "HU"), ElementsAre("A"));
}

TEST(MisplacedMasks, without_sites_all_samples_are_one) {
  std::vector<ReportedSample> samples;
  add(samples, "", {-1000, -900});
  EXPECT_THAT(found_in(samples, "HU"), ElementsAre("grouped"));
}

TEST(MisplacedMasks, in_other_units_sites_are_compared) {
  std::vector<ReportedSample> samples;
  add(samples, "A", std::vector<double>(8, 200));
  add(samples, "B", std::vector<double>(8, 189));
  EXPECT_THAT(found_in(samples, ""), ElementsAre("B")) << "A has values from 190";
  EXPECT_THAT(found_in(samples, "HU"), IsEmpty());
  samples.back().mask->intensity.median = 190;
  EXPECT_THAT(found_in(samples, ""), IsEmpty());
}

TEST(MisplacedMasks, few_masks_are_not_compared) {
  for (const auto& [here, elsewhere] : {std::pair{7, 8}, std::pair{8, 7}}) {
    std::vector<ReportedSample> samples;
    add(samples, "A", std::vector<double>(elsewhere, 200));
    add(samples, "B", std::vector<double>(here, 1));
    EXPECT_THAT(found_in(samples, "SUV"), IsEmpty());
  }
}

}  // namespace
}  // namespace nicohort
