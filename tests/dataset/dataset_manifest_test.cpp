#include "dataset/dataset_manifest.hpp"

#include <gmock/gmock.h>

#include "dataset/manifest.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;

Geometry a_geometry() {
  Geometry geometry;
  geometry.size = {64, 60, 20};
  geometry.spacing = {0.8F, 0.7F, 5};
  geometry.affine.diagonal() << -0.8, 0.7, 5, 1;
  return geometry;
}

TEST(Spec4Routine04Inconsistency, images_of_one_sample_are_alike) {
  EXPECT_EQ(inconsistency(a_geometry(), a_geometry()), "");
}

TEST(Spec4Routine04Inconsistency, rounding_is_none) {
  Geometry other = a_geometry();
  other.affine(0, 3) += 9e-6;
  other.affine(1, 1) -= 9e-6;
  other.spacing[2] += 9e-6;
  EXPECT_EQ(inconsistency(a_geometry(), other), "");
}

TEST(Spec4Routine04Inconsistency, names_what_differs) {
  Geometry size = a_geometry(), affine = a_geometry(), spacing = a_geometry(),
           origin = a_geometry();
  size.size.z = 21;
  affine.affine(0, 1) = 2e-5;
  spacing.spacing[1] += 2e-5;
  origin.affine(2, 3) = -2e-5;
  EXPECT_EQ(inconsistency(a_geometry(), size), "size");
  EXPECT_EQ(inconsistency(a_geometry(), affine), "affine");
  EXPECT_EQ(inconsistency(a_geometry(), spacing), "spacing");
  EXPECT_EQ(inconsistency(a_geometry(), origin), "origin");
  Geometry everything = size;
  everything.affine = affine.affine + (origin.affine - a_geometry().affine);
  everything.spacing = spacing.spacing;
  EXPECT_EQ(inconsistency(a_geometry(), everything), "size, affine, spacing, origin");
}

SampleDescription a_sample(const std::string& pid) {
  const std::string id = "TJ_" + pid + "_pre";
  SampleDescription sample;
  sample.files = {"TJ/pre/" + id, id};
  sample.info = {id, {{"site", "TJ"}, {"phase", "pre"}, {"pid", pid}}, "TJ/pre", {}};
  sample.volume.geometry = a_geometry();
  sample.volume.type = DataType::float32;
  sample.mask = sample.volume;
  sample.mask->type = DataType::uint8;
  return sample;
}

void add_binary(SampleDescription& sample, std::uint8_t label, const std::string& name,
                bool exists) {
  sample.binaries.push_back({{label, name, sample.files.binary_mask(label, name)}, exists});
}

TEST(Spec4Routine04DatasetTable, columns_in_the_tutorials_order) {
  SampleDescription first = a_sample("0012"), second = a_sample("13");
  add_binary(first, 0, "Bg", true);
  add_binary(second, 0, "Bg", true);
  add_binary(second, 1, "EsoROI", true);
  first.info.attributes = {{"Sex", "Male"}};
  second.info.attributes = {{"Age", 63.0}, {"Sex", "Female"}};
  EXPECT_THAT(dataset_table({first, second}).columns,
              ElementsAre("ID", "site", "phase", "pid", "valid_labels", "info", "volume", "mask",
                          "mask_00_Bg", "mask_01_EsoROI", "mask_00_Bg_existence",
                          "mask_01_EsoROI_existence", "szx", "szy", "szz", "spx", "spy", "spz",
                          "orientation_from", "orientation_to", "vol_dtype", "mask_dtype",
                          "transform", "Sex", "Age"));
}

TEST(Spec4Routine04DatasetTable, a_row_says_where_the_files_are_and_what_is_in_them) {
  SampleDescription sample = a_sample("0012");
  add_binary(sample, 0, "Bg", true);
  add_binary(sample, 1, "EsoROI", false);
  add_binary(sample, 12, "Node", true);
  sample.info.attributes = {{"Age", 63.0}};
  const std::string begin = "TJ/pre/TJ_0012_pre/TJ_0012_pre_";
  EXPECT_THAT(
      dataset_table({sample}).rows.at(0),
      ElementsAre("TJ_0012_pre", "TJ", "pre", "0012", "00_Bg,12_Node", begin + "info.yaml",
                  begin + "volume.nii.gz", begin + "mask.nii.gz", begin + "mask_00_Bg.nii.gz",
                  begin + "mask_01_EsoROI.nii.gz", begin + "mask_12_Node.nii.gz", 1.0, 0.0, 1.0,
                  64.0, 60.0, 20.0, 0.8, 0.7, 5.0, "RPI", "LAS", "float32", "uint8",
                  "[[-0.8,0,0,0],[0,0.7,0,0],[0,0,5,0],[0,0,0,1]]", 63.0));
}

TEST(Spec4Routine04DatasetTable, existence_is_empty_where_the_file_is_missing) {
  SampleDescription with = a_sample("1"), without = a_sample("2");
  add_binary(with, 1, "EsoROI", true);
  without.mask.reset();
  const Table table = dataset_table({with, without});
  const auto cell = [&](const char* column) { return table.rows[1][table.find(column).value()]; };
  for (const char* column :
       {"mask", "mask_01_EsoROI", "mask_01_EsoROI_existence", "mask_dtype", "valid_labels"})
    EXPECT_EQ(cell(column), Cell()) << column;
  EXPECT_EQ(cell("vol_dtype"), Cell("float32"));
}

TEST(Spec4Routine04DatasetTable, an_attribute_with_the_name_of_a_column_gets_another) {
  SampleDescription sample = a_sample("1");
  sample.info.attributes = {
      {"volume", "230 ml"}, {"mask_01_EsoROI", "N95"}, {"volume_2", "240 ml"}};
  add_binary(sample, 1, "EsoROI", true);
  const Table table = dataset_table({sample});
  const auto cell = [&](const char* column) { return table.rows[0][table.find(column).value()]; };
  EXPECT_EQ(cell("volume_3"), Cell("230 ml"));
  EXPECT_EQ(cell("mask_01_EsoROI_2"), Cell("N95"));
  EXPECT_EQ(cell("volume_2"), Cell("240 ml"));
}

TEST(Spec4Routine04DatasetTable, no_attribute_takes_the_name_of_a_fixed_column) {
  for (const std::string& column : dataset_table({a_sample("1")}).columns)
    EXPECT_TRUE(own_names(load_recipe()).contains(column)) << column;
}

}  // namespace
}  // namespace nicohort
