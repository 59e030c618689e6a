#include "dataset/samples.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Spec4Routine02SampleFiles, names) {
  const SampleFiles sample{"TJ/pre/TJ_0012_pre", "TJ_0012_pre"};
  EXPECT_EQ(sample.volume(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_volume.nii.gz");
  EXPECT_EQ(sample.mask(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask.nii.gz");
  EXPECT_EQ(sample.info(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_info.yaml");
  EXPECT_EQ(sample.binary_mask(1, "EsoROI"),
            "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask_01_EsoROI.nii.gz");
  EXPECT_EQ(sample.binary_mask(117, "rib"), "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask_117_rib.nii.gz");
}

TEST(Spec4ListSamples, are_the_folders_whose_name_begins_their_files) {
  const TemporaryFolder root;
  root.write("TJ/pre/TJ_2_pre/TJ_2_pre_volume.nii.gz", "");
  root.write("TJ/pre/TJ_10_pre/TJ_10_pre_mask.nii.gz", "");
  root.write("XY/post/XY_1_post/XY_1_post_info.yaml", "");
  root.write("TJ/pre/other/TJ_3_pre_volume.nii.gz", "");
  root.write("TJ/pre/empty/readme.txt", "");
  root.write("splits/split01_TJ/split01_TJ_train.xlsx", "");
  const auto samples = list_samples(root.path());
  EXPECT_THAT(ids_of(samples), ElementsAre("TJ_10_pre", "TJ_2_pre", "XY_1_post"));
  EXPECT_THAT(samples[0].folders, ElementsAre("TJ/pre/TJ_10_pre"));
  EXPECT_THAT(list_samples(root / "none"), IsEmpty());
}

TEST(Spec6ListSamples, have_files_or_a_record_or_both) {
  const TemporaryFolder root;
  root.write("A/A_volume.nii.gz", "");
  root.write("B/B_volume.nii.gz", "");
  root.write("again/B/B_mask.nii.gz", "");
  SampleRecord record;
  record.id = "B";
  root.write(".nicohort/B.json", record_text(record));
  root.write(".nicohort/C.json", "{");
  auto samples = list_samples(root.path());
  ASSERT_THAT(ids_of(samples), ElementsAre("A", "B", "C"));
  EXPECT_FALSE(samples[0].has_record || read_record_of(samples[0], root.path()));
  EXPECT_FALSE(samples[0].damage);
  EXPECT_THAT(samples[1].folders, ElementsAre("B", "again/B"));
  EXPECT_TRUE(samples[1].has_record && read_record_of(samples[1], root.path()));
  EXPECT_FALSE(samples[1].is_written || samples[1].damage);
  EXPECT_FALSE(samples[2].has_files() || read_record_of(samples[2], root.path()));
  EXPECT_EQ(samples[2].damage.value().subject, ".nicohort/C.json");
}

TEST(Spec4FindBinaryMasks, by_label_and_name) {
  const TemporaryFolder root;
  const SampleFiles sample{"TJ_1_pre", "TJ_1_pre"};
  for (const char* end :
       {"mask_02_b.nii.gz", "mask_00_Bg.nii.gz", "mask_117_rib_left.nii.gz", "mask_02_a.nii.gz",
        "mask.nii.gz", "mask_.nii.gz", "mask_1_x.nii.gz", "mask_03.nii.gz", "mask_0004_x.nii.gz",
        "mask_256_x.nii.gz", "mask_05_x.nii", "volume.nii.gz", "maskx_01_y.nii.gz"}) {
    root.write("TJ_1_pre/TJ_1_pre_" + std::string(end), "");
  }
  root.write("TJ_1_pre/TJ_2_pre_mask_06_x.nii.gz", "");
  const auto path = [](const std::string& end) { return "TJ_1_pre/TJ_1_pre_mask_" + end; };
  EXPECT_THAT(find_binary_masks(root.path(), sample),
              ElementsAre(BinaryMaskFile{0, "Bg", path("00_Bg.nii.gz")},
                          BinaryMaskFile{2, "a", path("02_a.nii.gz")},
                          BinaryMaskFile{2, "b", path("02_b.nii.gz")},
                          BinaryMaskFile{117, "rib_left", path("117_rib_left.nii.gz")}));
}

}  // namespace
}  // namespace nicohort
