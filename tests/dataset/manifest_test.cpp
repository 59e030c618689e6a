#include "dataset/manifest.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Spec4Routine01Manifest, columns_are_the_tutorials) {
  EXPECT_THAT(archive_columns(load_recipe()),
              ElementsAre("file_path", "site", "phase", "pid", "type", "szx", "szy", "szz", "spx",
                          "spy", "spz", "orientation_from", "orientation_to", "dtype", "transform",
                          "diff_trans_f_norm"));
}

TEST(Spec5Manifest, channels_and_labels_of_files_have_columns) {
  const Recipe recipe(
      "volume: {T1: \"{pid}/t1.nii.gz\", T2: \"{pid}/t2.nii.gz\"}\n"
      "mask: {file: \"{pid}/masks/{label}.nii.gz\"}\nlabels: {1: liver}\n",
      "r.yaml");
  auto columns = archive_columns(recipe);
  columns.resize(6);
  EXPECT_THAT(columns, ElementsAre("file_path", "pid", "type", "channel", "label", "szx"));
  EXPECT_THAT(own_names(recipe),
              ::testing::IsSupersetOf({"channel", "label", "volume_T1", "volume_T2"}));
}

TEST(Spec3Manifest, spacing_has_the_fewest_digits_that_give_back_the_float) {
  Geometry geometry;
  geometry.spacing = {0.8F, 0.683594F, 5};
  EXPECT_EQ(written_spacing(geometry, 0), 0.8);
  EXPECT_EQ(written_spacing(geometry, 1), 0.683594);
  EXPECT_EQ(written_spacing(geometry, 2), 5);
  geometry.spacing_is_float = false;
  EXPECT_EQ(written_spacing(geometry, 0), double(0.8F));
}

TEST(Spec3Manifest, geometry_in_the_columns_order) {
  Geometry geometry;
  geometry.size = {512, 511, 100};
  geometry.spacing = {0.8F, 0.7F, 5};
  geometry.affine.diagonal() << -0.8, 0.7, 5, 1;
  EXPECT_THAT(geometry_cells(geometry),
              ElementsAre(Cell(512.0), Cell(511.0), Cell(100.0), Cell(0.8), Cell(0.7), Cell(5.0),
                          Cell("RPI"), Cell("LAS")));
}

TEST(Spec2ExitStatusManifest, missing_columns_are_named) {
  const Table table{{"a", "b", "c"}, {}};
  EXPECT_THAT(require_columns(table, {"c", "a"}, "m.xlsx"), ElementsAre(2, 0));
  EXPECT_THAT(message_of<UsageError>([&] {
                require_columns(table, {"a", "d"}, "m.xlsx");
              }),
              HasSubstr("m.xlsx: does not have the column d;"));
  EXPECT_THAT(message_of<UsageError>([&] {
                require_columns(table, {"e", "d"}, "m.xlsx");
              }),
              HasSubstr("m.xlsx: does not have the columns e, d;"));
}

}  // namespace
}  // namespace nicohort
