#include "export/labels.hpp"

#include <gmock/gmock.h>

#include "base/heard.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Heard;
using ::testing::IsEmpty;

class Spec7Labels : public ::testing::Test {
 protected:
  ExportLabels exported(const LabelNames& labels, const LabelOptions& options = {}) {
    return export_labels(labels, options, findings_);
  }
  std::vector<std::string> found() {
    std::vector<std::string> texts;
    for (const Problem& problem : findings_.report().problems()) texts.push_back(problem.what);
    return texts;
  }
  // The labels of each region, by what they are painted with: later ones over earlier ones.
  void expect_decodable(const std::vector<LabelRegion>& regions) {
    const auto order = region_order(regions);
    for (std::size_t i = 0; i < regions.size(); ++i) {
      const auto has = [&](std::size_t region) {
        const auto& labels = regions[region].labels;
        return std::find(labels.begin(), labels.end(), order[i]) != labels.end();
      };
      EXPECT_TRUE(has(i));
      for (std::size_t later = i + 1; later < regions.size(); ++later) EXPECT_FALSE(has(later));
    }
  }

  Heard heard_;
  Findings findings_{heard_};
};

TEST_F(Spec7Labels, the_background_gets_its_name) {
  const ExportLabels labels = exported({{0, "Bg"}, {1, "liver"}, {2, "spleen"}});
  EXPECT_EQ(labels.names, (LabelNames{{0, "background"}, {1, "liver"}, {2, "spleen"}}));
  EXPECT_FALSE(labels.new_labels);
  EXPECT_EQ(exported({{1, "liver"}}).names, (LabelNames{{0, "background"}, {1, "liver"}}));
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Spec7Labels, holes_are_an_error_that_offers_new_numbers) {
  exported({{0, "Bg"}, {1, "liver"}, {4, "tumour"}});
  EXPECT_THAT(found(), ElementsAre("the labels are 1, 4, but have to be 1 to 2; --relabel writes "
                                   "masks with new numbers"));
}

TEST_F(Spec7Labels, new_numbers_keep_the_order) {
  const ExportLabels labels =
      exported({{0, "Bg"}, {3, "liver"}, {4, "tumour"}}, {.relabel = true, .ignore_label = ""});
  ASSERT_TRUE(labels.new_labels);
  EXPECT_EQ((*labels.new_labels)[3], 1);
  EXPECT_EQ((*labels.new_labels)[4], 2);
  EXPECT_EQ((*labels.new_labels)[0], 0);
  EXPECT_EQ(labels.names, (LabelNames{{0, "background"}, {1, "liver"}, {2, "tumour"}}));
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Spec7Labels, the_ignored_label_is_the_last) {
  const LabelNames names{{0, "Bg"}, {1, "unsure"}, {2, "liver"}};
  exported(names, {.relabel = false, .ignore_label = "unsure"});
  EXPECT_THAT(found(), ElementsAre(HasSubstr("with the ignored label as the last; --relabel")));
  const ExportLabels labels = exported(names, {.relabel = true, .ignore_label = "unsure"});
  EXPECT_EQ(labels.names, (LabelNames{{0, "background"}, {1, "liver"}, {2, "ignore"}}));
  EXPECT_EQ(labels.ignored, 2);
  exported(names, {.relabel = false, .ignore_label = "unsur"});
  EXPECT_THAT(found().back(), HasSubstr("did you mean `unsure`?"));
}

TEST_F(Spec7Labels, names_that_differ_in_case_only) {
  exported({{0, "Bg"}, {1, "Liver"}, {2, "liver"}, {3, "Background"}});
  EXPECT_THAT(found(), ElementsAre(HasSubstr("`liver` and `Liver`"),
                                   HasSubstr("`Background` and the background")));
}

TEST_F(Spec7Labels, without_names) {
  exported({});
  EXPECT_THAT(found(), ElementsAre(HasSubstr("have no names")));
}

const LabelNames brats{{0, "background"}, {1, "NCR"}, {2, "ED"}, {3, "ET"}};

TEST_F(Spec7Labels, groups_that_do_not_overlap_are_no_regions) {
  EXPECT_THAT(regions_of({{"necrosis", {1}}, {"rest", {2, 3}}}, {brats, {}, {}}, findings_),
              IsEmpty());
}

TEST_F(Spec7Labels, groups_that_cross_need_one_of_what_they_share) {
  const LabelGroups crossing{{"left", {1, 2}}, {"right", {2, 3}}};
  regions_of(crossing, {brats, {}, {}}, findings_);
  ASSERT_EQ(heard_.warnings.size(), 1);
  EXPECT_THAT(heard_.warnings[0],
              HasSubstr("the groups left and right overlap, but neither contains "
                        "the other"));
  EXPECT_THAT(heard_.warnings[0], HasSubstr("`both: [" + brats.at(2) + "]`"));
  LabelGroups with_both = crossing;
  with_both.push_back({"both", {2}});
  const auto regions = regions_of(with_both, {brats, {}, {}}, findings_);
  EXPECT_THAT(region_order(regions), ElementsAre(1, 3, 2));
  EXPECT_EQ(heard_.warnings.size(), 1);
}

TEST_F(Spec7Labels, two_regions_of_one_name_would_be_one) {
  for (const char* name : {"background", "Rest"}) {
    regions_of({{"rest", {1, 2, 3}}, {name, {2}}}, {brats, {}, {}}, findings_);
    EXPECT_THAT(found().back(), HasSubstr("has this name as well"));
  }
  EXPECT_EQ(found().size(), 2);
}

TEST_F(Spec7Labels, nested_groups_are_painted_from_the_largest) {
  const auto regions =
      regions_of({{"ET", {3}}, {"whole", {1, 2, 3}}, {"core", {1, 3}}}, {brats, {}, {}}, findings_);
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_EQ(regions[0].name, "whole");
  EXPECT_EQ(regions[1].name, "core");
  EXPECT_THAT(region_order(regions), ElementsAre(2, 1, 3));
  expect_decodable(regions);
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(heard_.warnings, IsEmpty());
}

TEST_F(Spec7Labels, labels_that_regions_do_not_tell_apart) {
  regions_of({{"whole", {1, 2, 3}}, {"core", {1, 3}}}, {brats, {}, {}}, findings_);
  EXPECT_THAT(heard_.warnings, ElementsAre(HasSubstr("the labels NCR, ET are in the same groups")));
}

TEST_F(Spec7Labels, a_label_of_no_group_is_a_region_of_its_own) {
  const auto regions = regions_of({{"some", {1, 2}}, {"one", {2}}}, {brats, {}, {}}, findings_);
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_EQ(regions[0].name, "some");
  expect_decodable(regions);
}

TEST_F(Spec7Labels, a_group_that_others_cover) {
  regions_of({{"all", {1, 2}}, {"one", {1, 3}}, {"other", {2, 3}}}, {brats, {}, {}}, findings_);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("cannot be told from these")));
}

TEST_F(Spec7Labels, regions_have_the_new_numbers) {
  const LabelNames names{{0, "Bg"}, {2, "NCR"}, {5, "ED"}};
  const ExportLabels labels = exported(names, {.relabel = true, .ignore_label = ""});
  const auto regions = regions_of({{"whole", {2, 5}}, {"NCR", {2}}}, labels, findings_);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_THAT(regions[0].labels, ElementsAre(1, 2));
  EXPECT_THAT(regions[1].labels, ElementsAre(1));
}

}  // namespace
}  // namespace nicohort
