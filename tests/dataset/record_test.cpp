#include "dataset/record.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

SampleRecord of_channels_and_labels() {
  SampleRecord record;
  record.id = "0001";
  record.folder = "0001";
  record.compression = "balanced";
  record.codec = "ISA-L 2.30.0";
  record.inputs = {{"0001/T1.nii.gz", "a", false, 0},
                   {"0001/T2.nii.gz", "b", false, 0},
                   {"0001/liver.nii.gz", "c", true, 1},
                   {"0001/spleen.nii.gz", "d", true, 255}};
  record.overlap = Overlap::first;
  record.volume = VolumeSummary{{}, {{"T1", "e"}, {"T2", "f"}}};
  record.volume->geometry.size = {1, 1, 1};
  return record;
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), by);
}

TEST(Spec6Record, channels_and_masks_of_single_labels_come_back) {
  const SampleRecord written = of_channels_and_labels();
  const SampleRecord read = parse_record(record_text(written), "0001");
  EXPECT_EQ(record_text(read), record_text(written));
  EXPECT_EQ(read.overlap, Overlap::first);
  EXPECT_THAT(read.volumes(),
              ElementsAre("0001/0001_volume_T1.nii.gz", "0001/0001_volume_T2.nii.gz"));
  EXPECT_EQ(read.volume->channels[1].value_hash, "f");
  const auto masks = read.drawn_masks();
  ASSERT_EQ(masks.size(), 2u);
  EXPECT_EQ(masks[0].path, "0001/liver.nii.gz");
  EXPECT_EQ(masks[0].label, 1);
  EXPECT_EQ(masks[1].label, 255);
}

TEST(Spec6Record, says_nothing_of_overlap_and_labels_where_a_mask_is_one_file) {
  SampleRecord record = of_channels_and_labels();
  record.overlap.reset();
  record.inputs = {{"0001.nii.gz", "a", false, 0}, {"0001_seg.nii.gz", "c", true, 0}};
  record.volume->channels = {{"", "e"}};
  const std::string text = record_text(record);
  EXPECT_THAT(text, Not(HasSubstr("overlap")));
  EXPECT_THAT(text, Not(HasSubstr("\"label\"")));
  const SampleRecord read = parse_record(text, "0001");
  EXPECT_EQ(read.overlap, std::nullopt);
  EXPECT_THAT(read.volumes(), ElementsAre("0001/0001_volume.nii.gz"));
}

TEST(Spec6Record, what_no_version_writes_is_no_record) {
  const std::string text = record_text(of_channels_and_labels());
  for (const std::string& damaged : {replaced(text, "\"first\"", "\"middle\""),
                                     replaced(text, "\"overlap\": \"first\"", "\"overlap\": 1"),
                                     replaced(text, "\"label\": 1", "\"label\": \"liver\""),
                                     replaced(text, "\"channels\"", "\"kanaele\"")})
    EXPECT_THROW(parse_record(damaged, "0001"), BadInput) << damaged;
  SampleRecord without = of_channels_and_labels();
  without.volume->channels.clear();
  EXPECT_THROW(parse_record(record_text(without), "0001"), BadInput);
}

TEST(Spec6Record, what_training_needs_comes_back) {
  SampleRecord record = of_channels_and_labels();
  record.volume->nonzero = VoxelBox{{0, 1, 2}, {3, 4, 5}};
  record.volume->channels[1].not_finite = 12;
  record.mask.emplace();
  record.mask->foreground = {summary_of({-3.25, 7, 8}), summary_of({})};
  const SampleRecord read = parse_record(record_text(record), "0001");
  EXPECT_EQ(read.volume->nonzero, record.volume->nonzero);
  EXPECT_EQ(read.volume->channels[0].not_finite, 0);
  EXPECT_EQ(read.volume->channels[1].not_finite, 12);
  EXPECT_EQ(read.mask->foreground, record.mask->foreground);
  EXPECT_THROW(parse_record(replaced(record_text(record), "-3.25,", ""), "0001"), BadInput)
      << "a quantile less";
}

TEST(Spec6Record, of_an_earlier_version_has_nothing_of_what_training_needs) {
  SampleRecord record = of_channels_and_labels();
  record.mask.emplace();
  const std::string text = record_text(record);
  for (const char* key : {"nonzero", "foreground"}) EXPECT_THAT(text, Not(HasSubstr(key)));
  const SampleRecord read = parse_record(text, "0001");
  EXPECT_EQ(read.volume->nonzero, std::nullopt);
  EXPECT_THAT(read.mask->foreground, IsEmpty());
}

TEST(Spec6Record, has_no_volume_where_none_was_written) {
  SampleRecord record = of_channels_and_labels();
  record.volume.reset();
  EXPECT_THAT(parse_record(record_text(record), "0001").volumes(), IsEmpty());
}

}  // namespace
}  // namespace nicohort
