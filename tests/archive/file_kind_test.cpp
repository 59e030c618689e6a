#include "archive/file_kind.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Spec4Routine01FileKind, images_end_with_nii_or_nii_gz) {
  for (const char* name : {"a.nii.gz", "a.nii", "A.NII.GZ", "a.b.nii.gz"}) {
    EXPECT_TRUE(kind_of_file(name).is_image()) << name;
    EXPECT_EQ(kind_of_file(name).image, name);
  }
}

TEST(Spec4Routine01FileKind, other_formats_are_named_with_the_image_that_they_would_be) {
  const std::pair<const char*, const char*> formats[] = {
      {"a_1.hdr", "two files"},  {"a_1.img", "two files"}, {"a_1.IMG.GZ", "two files"},
      {"a_1.nrrd", "NRRD"},      {"a_1.mha", "MetaImage"}, {"a_1.mhd", "MetaImage"},
      {"a_1.mgz", "FreeSurfer"}, {"a_1.mnc", "MINC"},      {"a_1.dcm", "DICOM"},
      {"a_1.IMA", "DICOM"},      {"a_1.nii.zip", ".zip"},  {"a_1.nii.gz.zip", ".zip"},
      {"a_1.nii.bz2", ".bz2"},   {"a_1.nii.gz.gz", ".gz"},
  };
  for (const auto& [name, what] : formats) {
    const FileKind kind = kind_of_file(name);
    EXPECT_THAT(kind.flaw, HasSubstr(what)) << name;
    EXPECT_THAT(kind.flaw, HasSubstr(".nii.gz")) << name;
    EXPECT_EQ(kind.image, "a_1.nii.gz") << name;
    EXPECT_EQ(kind.is_slice, std::string(what) == "DICOM");
  }
}

TEST(Spec4Routine01FileKind, names_of_unfinished_and_second_copies_are_no_images) {
  const std::pair<const char*, const char*> names[] = {
      {"a_1.nii.gz.part", "not finished"}, {"a_1.nii.crdownload", "not finished"},
      {"a_1.nii.gz.tmp", "not finished"},  {"a_1.nii (1).gz", "rename it to a_1.nii.gz"},
      {"a_1.nii.gz ", "space at the end"}, {"a_1.nii  ", "space at the end"},
      {"a_1.nii.gz~", "rename it"},        {"a_1.nii_gz", "rename it"},
      {"a_1.nii.gz.1", "rename it"},       {"a_1.nii.gz.bak", "rename it"},
      {"a_1.nii.gz\xc2\xa0", "rename it"},
  };
  for (const auto& [name, what] : names) {
    EXPECT_THAT(kind_of_file(name).flaw, HasSubstr(what)) << name;
    EXPECT_EQ(kind_of_file(name).image, "a_1.nii.gz") << name;
  }
}

TEST(Spec4Routine01FileKind, what_lies_beside_images_is_none) {
  for (const char* name : {"a.xlsx", "a.nii.gz.json", "a.nii.gz.md5", "a.nii.gz.dvc", "README",
                           "a.niigma", "a.nifty.txt", "image.png", ".nii", "a.raw", "dcm"}) {
    EXPECT_THAT(kind_of_file(name).flaw, IsEmpty()) << name;
    EXPECT_FALSE(kind_of_file(name).is_image() && std::string(name) != ".nii") << name;
  }
}

TEST(Spec4Routine01FileKind, endings_are_counted_that_are_words) {
  EXPECT_EQ(ending_of("a.XLSX"), ".xlsx");
  EXPECT_EQ(ending_of("a.tar.gz"), ".gz");
  for (const char* name : {"README", ".profile", "1.2.840.113619", "a.", "a.a-very-long-one"})
    EXPECT_EQ(ending_of(name), "") << name;
}

}  // namespace
}  // namespace nicohort
