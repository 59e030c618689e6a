#include "report/outliers.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> phases{"pre", "post"};
const std::string hu = "HU";

// Voxels of 1 mm³.
ReportedSample make_sample(int patient, const std::string& phase, std::int64_t voxels,
                           double mean = 40) {
  ReportedSample sample;
  const std::string pid = fmt::format("{:02}", patient);
  sample.info = {fmt::format("TJ_{}_{}", pid, phase),
                 {{"site", "TJ"}, {"phase", phase}, {"pid", pid}},
                 "",
                 {}};
  sample.patient = "TJ_" + pid;
  sample.is_written = true;
  sample.mask.emplace();
  if (voxels > 0) sample.mask->voxels = {{1, voxels}};
  sample.mask->intensity.voxels = 100;
  sample.mask->intensity.mean = mean;
  return sample;
}

std::vector<ReportedSample> ordinary(int count) {
  std::vector<ReportedSample> samples;
  for (int i = 0; i < count; ++i)
    samples.push_back(make_sample(i, "pre", 10000 + 500 * i, 40 + i % 5));
  return samples;
}

TEST(Outliers, an_ordinary_cohort_has_none) {
  EXPECT_THAT(find_outliers(ordinary(30), phases, hu), IsEmpty());
}

TEST(Outliers, another_spacing_than_the_site_s) {
  auto samples = ordinary(10);
  samples[3].geometry.spacing[2] = 5;
  samples[4].geometry.spacing[2] = 1.05;  // within 3.5 · 1.4826 · 3 %
  const auto found = find_outliers(samples, phases, hu);
  // Its volume is five times as large, too.
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].sample, "TJ_03_pre");
  EXPECT_EQ(found[0].kind, "spacing");
  EXPECT_EQ(found[0].what, "The spacing is 5 mm along inferior–superior (median of TJ: 1 mm).");
  EXPECT_EQ(found[1].kind, "volume");
}

TEST(Outliers, spacings_are_compared_along_the_axes_of_the_body) {
  auto samples = ordinary(10);
  for (ReportedSample& sample : samples) sample.geometry.spacing = {1, 1, 5};
  // The same slices, stored the other way round; and others of which the file's axes hide it.
  for (int i : {2, 3})
    samples[i].geometry.affine << 0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 1;
  samples[2].geometry.spacing = {5, 1, 1};
  samples[3].geometry.spacing = {1, 1, 5};
  for (ReportedSample& sample : samples) sample.mask.reset();
  const auto found = find_outliers(samples, phases, hu);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].sample, "TJ_03_pre");
  EXPECT_EQ(
      found[0].what,
      "The spacing is 5 mm along left–right (median of TJ: 1 mm), 1 mm along inferior–superior "
      "(median of TJ: 5 mm).");
}

TEST(Outliers, a_cohort_without_sites_is_one_group) {
  auto samples = ordinary(10);
  for (ReportedSample& sample : samples) sample.info.parts = {{"pid", sample.info.part("pid")}};
  samples[3].geometry.spacing[0] = 2;
  EXPECT_EQ(find_outliers(samples, {}, hu).front().what,
            "The spacing is 2 mm along left–right (median of all samples: 1 mm).");
}

TEST(Outliers, a_site_or_phase_can_be_an_attribute) {
  auto samples = ordinary(20);
  for (int i = 0; i < 20; ++i) {
    samples[i].info.parts = {{"pid", samples[i].info.part("pid")}};
    samples[i].info.attributes = {{"site", i < 10 ? Cell("A") : Cell()}, {"phase", 1.0}};
    samples[i].geometry.spacing = {1, 1, i < 10 ? 1.0F : 5.0F};
    samples[i].mask->voxels = {{1, i < 10 ? 10000 : 2000}};
  }
  samples[3].geometry.spacing[2] = samples[13].geometry.spacing[2] = 3;
  samples[7].mask->voxels = {{1, 10}};
  const auto found = find_outliers(samples, {"1"}, hu);
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].what, "The spacing is 3 mm along inferior–superior (median of A: 1 mm).");
  EXPECT_THAT(found[1].what, HasSubstr("median of phase 1 is"));
  EXPECT_EQ(found[2].what,
            "The spacing is 3 mm along inferior–superior (median of those without a site: 5 mm).");
}

TEST(Outliers, fewer_than_eight_say_nothing) {
  auto samples = ordinary(7);
  samples[3].geometry.spacing = {1, 1, 1.5};
  samples[3].mask->intensity.mean = 900;
  EXPECT_THAT(find_outliers(samples, phases, hu), IsEmpty());
}

TEST(Outliers, a_volume_far_from_the_others_of_the_phase) {
  auto samples = ordinary(12);
  samples[5].mask->voxels = {{1, 100}};
  const auto found = find_outliers(samples, phases, hu);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, "volume");
  EXPECT_THAT(found[0].what, HasSubstr("0.1 cm³"));
}

TEST(Outliers, an_intensity_far_from_the_site_s) {
  auto samples = ordinary(12);
  samples[5].mask->intensity.mean = -600;
  const auto found = find_outliers(samples, phases, hu);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, "intensity");
  EXPECT_THAT(found[0].what, HasSubstr("-600 HU"));
}

TEST(Outliers, intensities_of_another_unit) {
  auto samples = ordinary(12);
  for (ReportedSample& sample : samples) sample.mask->intensity.mean = 2;
  samples[5].mask->intensity.mean = 2.51;
  samples[6].mask->intensity.mean = 2.53;
  EXPECT_THAT(find_outliers(samples, phases, hu), IsEmpty());
  const auto found = find_outliers(samples, phases, "SUV");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].what,
            "The mean within the mask as drawn is 2.53 SUV; the median of TJ is 2 SUV.");
  samples[6].mask->intensity.mean = 1234;
  EXPECT_EQ(find_outliers(samples, phases, "")[0].what,
            "The mean within the mask as drawn is 1234; the median of TJ is 2.");
}

TEST(Outliers, wild_values_do_not_hide_each_other) {
  auto samples = ordinary(12);
  for (int i : {1, 2, 3, 4}) samples[i].mask->intensity.mean = 1e6 * i;
  EXPECT_THAT(find_outliers(samples, phases, hu), SizeIs(4));
}

// Each with a value that is nearly an outlier and one that just is.
TEST(Outliers, limits_where_all_others_agree_are_those_of_the_floors) {
  const double limit = 3.5 * 1.4826;
  const auto kinds_of = [](auto&& change) {
    auto samples = ordinary(12);
    for (ReportedSample& sample : samples) {
      sample.mask->voxels = {{1, 10000}};
      sample.mask->intensity.mean = 40;
    }
    change(samples[5]);
    std::vector<std::string> kinds;
    for (const Outlier& outlier : find_outliers(samples, phases, hu)) kinds.push_back(outlier.kind);
    return kinds;
  };
  for (const double sign : {1, -1}) {
    const auto with_mean = [&](double floor) {
      return kinds_of(
          [&](auto& sample) { sample.mask->intensity.mean = 40 + sign * limit * floor; });
    };
    EXPECT_THAT(with_mean(4.99), IsEmpty());
    EXPECT_THAT(with_mean(5.01), ElementsAre("intensity"));
    const auto with_spacing = [&](double floor) {
      return kinds_of([&](auto& sample) { sample.geometry.spacing[1] = 1 + sign * limit * floor; });
    };
    EXPECT_THAT(with_spacing(0.0299), IsEmpty());
    EXPECT_THAT(with_spacing(0.0301), ElementsAre("spacing"));
    const auto with_volume = [&](double floor) {
      return kinds_of([&](auto& sample) {
        sample.mask->voxels = {{1, std::llround(10000 * std::pow(10, sign * limit * floor))}};
      });
    };
    EXPECT_THAT(with_volume(0.0999), IsEmpty());
    EXPECT_THAT(with_volume(0.1001), ElementsAre("volume"));
  }
}

// Median 40, and 10 the median distance from it.
TEST(Outliers, limits_where_the_others_differ_are_three_and_a_half_of_their_spread) {
  const auto count = [](double mean) {
    std::vector<ReportedSample> samples;
    for (const double other : {20.0, 30.0, 30.0, 30.0, 40.0, 50.0, 50.0, 50.0, mean})
      samples.push_back(make_sample(static_cast<int>(samples.size()), "pre", 10000, other));
    return find_outliers(samples, phases, hu).size();
  };
  EXPECT_EQ(count(40 + 3.5 * 14.826 - 0.01), 0);
  EXPECT_EQ(count(40 + 3.5 * 14.826 + 0.01), 1);
}

TEST(Outliers, eight_are_enough) {
  auto samples = ordinary(8);
  samples[3].mask->intensity.mean = 900;
  EXPECT_THAT(find_outliers(samples, phases, hu), SizeIs(1));
}

TEST(Outliers, a_tumour_that_grows_tenfold) {
  EXPECT_THAT(
      find_outliers({make_sample(1, "post", 9999), make_sample(1, "pre", 1000)}, phases, hu),
      IsEmpty());
  const auto found =
      find_outliers({make_sample(1, "post", 10000), make_sample(1, "pre", 1000)}, phases, hu);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].sample, "TJ_01_post");
  EXPECT_EQ(found[0].kind, "growth");
  EXPECT_THAT(find_outliers({make_sample(1, "post", 1), make_sample(1, "pre", 1000)}, phases, hu),
              IsEmpty())
      << "shrinking is what therapy is for";
}

TEST(Outliers, growth_is_that_of_one_patient) {
  auto before = make_sample(1, "pre", 1000), after = make_sample(1, "post", 20000);
  after.patient = "somebody else with the same pid";
  EXPECT_THAT(find_outliers({before, after}, phases, hu), IsEmpty());
  after = make_sample(2, "post", 20000);
  after.patient = before.patient;
  EXPECT_THAT(find_outliers({before, after}, phases, hu), SizeIs(1));
  before.patient = after.patient = "";
  EXPECT_THAT(find_outliers({before, after}, phases, hu), IsEmpty()) << "nobody knows whose";
}

TEST(Outliers, two_masks_of_one_phase_say_nothing_of_growth) {
  auto again = make_sample(1, "pre", 19000);
  again.info.id = "TJ_01_pre_2";
  const std::vector<ReportedSample> samples{make_sample(1, "post", 20000),
                                            make_sample(1, "pre", 1000), again};
  EXPECT_THAT(find_outliers(samples, phases, hu), IsEmpty());
  EXPECT_THAT(find_outliers({samples[0], samples[1]}, phases, hu), SizeIs(1));
}

TEST(Outliers, an_empty_mask) {
  auto drawn = make_sample(1, "pre", 0), empty = make_sample(2, "pre", 0);
  empty.mask->intensity.voxels = 0;
  const auto found = find_outliers({drawn, empty}, phases, hu);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].what, "Cleaning left no voxel of the mask.");
  EXPECT_EQ(found[1].what, "The mask has no voxel.");
}

TEST(Outliers, a_volume_without_a_mask_is_none) {
  auto sample = make_sample(1, "pre", 0);
  sample.mask.reset();
  EXPECT_THAT(find_outliers({sample}, phases, hu), IsEmpty());
}

}  // namespace
}  // namespace nicohort
