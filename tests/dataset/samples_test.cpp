#include "dataset/samples.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Spec4Routine02SampleFiles, names) {
  const SampleFiles sample{"TJ/pre/TJ_0012_pre", "TJ_0012_pre"};
  EXPECT_EQ(sample.volume(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_volume.nii.gz");
  EXPECT_EQ(sample.mask(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask.nii.gz");
  EXPECT_EQ(sample.info(), "TJ/pre/TJ_0012_pre/TJ_0012_pre_info.yaml");
  EXPECT_EQ(sample.binary_mask(1, "EsoROI"),
            "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask_01_EsoROI.nii.gz");
  EXPECT_EQ(sample.binary_mask(117, "rib"), "TJ/pre/TJ_0012_pre/TJ_0012_pre_mask_117_rib.nii.gz");
}

TEST(Spec4FindSamples, are_the_folders_whose_name_begins_their_files) {
  const TemporaryFolder root;
  root.write("TJ/pre/TJ_2_pre/TJ_2_pre_volume.nii.gz", "");
  root.write("TJ/pre/TJ_10_pre/TJ_10_pre_mask.nii.gz", "");
  root.write("XY/post/XY_1_post/XY_1_post_info.yaml", "");
  root.write("TJ/pre/other/TJ_3_pre_volume.nii.gz", "");
  root.write("TJ/pre/empty/readme.txt", "");
  root.write("splits/split01_TJ/split01_TJ_train.xlsx", "");
  const auto samples = find_samples(root.path());
  EXPECT_THAT(ids_of(samples), ElementsAre("TJ_10_pre", "TJ_2_pre", "XY_1_post"));
  EXPECT_EQ(samples[0].folder, "TJ/pre/TJ_10_pre");
}

TEST(Spec2ExitStatusFindSamples, a_folder_without_samples_is_bad_usage) {
  const TemporaryFolder root;
  EXPECT_THAT(message_of<UsageError>([&] { find_samples(root.path()); }), HasSubstr("no samples"));
  EXPECT_THAT(message_of<UsageError>([&] { find_samples(root / "none"); }),
              HasSubstr("no such folder"));
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
