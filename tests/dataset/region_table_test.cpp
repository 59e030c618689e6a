#include "dataset/region_table.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

MeasuredRegion a_region(double x, double y, double z, double volume) {
  return {7, volume, {x, y, z}, {-x, -y, -z}};
}

// What Excel counts: characters, not bytes of UTF-8.
std::size_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

TEST(Spec4SmallConnectedRegions, text_of_a_cell) {
  EXPECT_EQ(regions_text({}), "");
  EXPECT_EQ(regions_text({a_region(1, 2, 3, 4)}), "(1,2,3,4.00)");
  EXPECT_EQ(regions_text({a_region(100.4, 99.6, 0, 299.996), a_region(1, 2, 3, 0.125)}),
            "(100,100,0,300.00); (1,2,3,0.12)");
}

TEST(Spec4SmallConnectedRegions, halves_are_rounded_to_even_as_python_does) {
  EXPECT_EQ(regions_text({a_region(0.5, 1.5, 2.5, 1)}), "(0,2,2,1.00)");
}

TEST(Spec4SmallConnectedRegions, a_cell_that_excel_would_refuse_says_how_many_are_missing) {
  const std::vector<MeasuredRegion> regions(5000, a_region(123, 45, 6, 78.9));
  const std::string text = regions_text(regions);
  EXPECT_LE(characters(text), 32767u);
  EXPECT_GT(characters(text), 32600u) << "as much as fits is there";
  EXPECT_THAT(text, StartsWith("(123,45,6,78.90); (123,45,6,78.90); "));
  const std::size_t shown = std::count(text.begin(), text.end(), '(') - 1;
  EXPECT_THAT(text, EndsWith("; … (+" + std::to_string(5000 - shown) + " more)"));
}

TEST(Spec4SmallConnectedRegions, a_cell_that_just_fits_is_whole) {
  const std::vector<MeasuredRegion> regions(20, a_region(1, 2, 3, 4));
  const std::size_t whole = 20 * std::string("(1,2,3,4.00)").size() + 19 * 2;
  EXPECT_EQ(regions_text(regions, whole).size(), whole);
  EXPECT_THAT(regions_text(regions, whole - 1), EndsWith(" more)"));
}

RC_GTEST_PROP(Spec4SmallConnectedRegions, a_cell_never_passes_its_limit_nor_loses_a_region, ()) {
  const std::size_t count = *rc::gen::inRange<std::size_t>(0, 40);
  const std::size_t limit = *rc::gen::inRange<std::size_t>(60, 800);
  std::vector<MeasuredRegion> regions;
  for (std::size_t i = 0; i < count; ++i)
    regions.push_back(a_region(*rc::gen::inRange(0, 1000), *rc::gen::inRange(0, 10), 3, 1));
  const std::string text = regions_text(regions, limit), whole = regions_text(regions, 1 << 20);
  RC_ASSERT(characters(text) <= limit);
  if (whole.size() <= limit) {
    RC_ASSERT(text == whole);
  } else {
    const std::size_t end = text.find("; … (+");
    RC_ASSERT(end != text.npos);
    RC_ASSERT(whole.starts_with(text.substr(0, end) + "; "));
    const std::size_t shown = std::count(text.begin(), text.begin() + end, '(');
    RC_ASSERT(text.substr(end) == "; … (+" + std::to_string(count - shown) + " more)");
  }
}

TEST(Spec4SmallConnectedRegions, two_sheets) {
  const std::vector<SampleRegions> samples{
      {"A_1_pre", {{0, "Bg", {}}, {1, "EsoROI", {a_region(1, 2, 3, 4)}}}},
      {"A_2_pre", {{1, "EsoROI", {}}, {12, "Node", {a_region(5, 6, 7, 8), a_region(9, 9, 9, 1)}}}},
  };
  const auto sheets = region_sheets(samples, 300);
  ASSERT_EQ(sheets.size(), 2u);
  EXPECT_EQ(sheets[0].name, "Small Connected Regions 300.0");
  EXPECT_EQ(sheets[0].table, (Table{{"ID", "mask_00_Bg", "mask_01_EsoROI", "mask_12_Node"},
                                    {{"A_1_pre", Cell(), "(1,2,3,4.00)", Cell()},
                                     {"A_2_pre", Cell(), Cell(), "(5,6,7,8.00); (9,9,9,1.00)"}}}));
  EXPECT_EQ(sheets[1].name, "Regions");
  EXPECT_EQ(sheets[1].table,
            (Table{{"ID", "label", "voxels", "volume_mm3", "x", "y", "z", "x_mm", "y_mm", "z_mm"},
                   {{"A_1_pre", 1.0, 7.0, 4.0, 1.0, 2.0, 3.0, -1.0, -2.0, -3.0},
                    {"A_2_pre", 12.0, 7.0, 8.0, 5.0, 6.0, 7.0, -5.0, -6.0, -7.0},
                    {"A_2_pre", 12.0, 7.0, 1.0, 9.0, 9.0, 9.0, -9.0, -9.0, -9.0}}}));
}

TEST(Spec4SmallConnectedRegions, the_threshold_in_the_sheets_name_has_a_decimal) {
  EXPECT_EQ(region_sheets({}, 100)[0].name, "Small Connected Regions 100.0");
  EXPECT_EQ(region_sheets({}, 12.25)[0].name, "Small Connected Regions 12.25");
  EXPECT_LE(region_sheets({}, 1.0 / 3)[0].name.size(), 31u) << "Excel takes no longer name";
}

}  // namespace
}  // namespace nicohort
