#include "report/thumbnail.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/atomic_file.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

SampleRecord record_of(const std::string& volume, const std::string& mask,
                       const std::string& drawn) {
  SampleRecord record;
  record.id = "A";
  record.folder = "A";
  record.inputs = {{"a.nii.gz", "v"}, {"b.nii.gz", drawn, true}};
  record.volume = VolumeSummary{{}, {{"", ""}}};
  record.files = {{"A_volume.nii.gz", volume}, {"A_mask.nii.gz", mask}};
  return record;
}

const PalettePicture picture{2, 1, {0, 1}, {{0, 0, 0}, {255, 0, 0}}};

TEST(Thumbnail, is_of_what_its_record_says) {
  const testing::TemporaryFolder report;
  const SampleRecord record = record_of("1", "2", "3");
  const auto is_there = [&](const SampleRecord& of) {
    return has_thumbnail(report.path(), "A", thumbnail_fingerprint(of, {}));
  };
  EXPECT_FALSE(is_there(record));
  write_thumbnail(report.path(), record, picture, {});
  EXPECT_TRUE(is_there(record));
  for (const SampleRecord& other :
       {record_of("0", "2", "3"), record_of("1", "0", "3"), record_of("1", "2", "0")})
    EXPECT_FALSE(is_there(other));
  EXPECT_FALSE(has_thumbnail(report.path(), "A", thumbnail_fingerprint_without_drawn(record, {})));
  EXPECT_FALSE(has_thumbnail(report.path(), "A", thumbnail_fingerprint(record, Window{0, 1})));
  EXPECT_FALSE(has_thumbnail(report.path(), "B", thumbnail_fingerprint(record, {})));
}

TEST(Thumbnail, that_is_cut_short_or_of_another_program_is_none) {
  const testing::TemporaryFolder report;
  const SampleRecord record = record_of("1", "2", "3");
  const auto file = report / thumbnail_path("A");
  const std::string whole = png(picture, thumbnail_fingerprint(record, {}));
  for (const std::string& bytes : {std::string(), std::string("PNG"), png(picture),
                                   png(picture, "other"), whole.substr(0, whole.size() - 1)}) {
    write_file(file, bytes);
    EXPECT_FALSE(has_thumbnail(report.path(), "A", thumbnail_fingerprint(record, {})));
  }
}

TEST(Thumbnail, without_the_mask_as_drawn_is_as_if_the_dataset_s_had_been_drawn) {
  EXPECT_EQ(thumbnail_fingerprint_without_drawn(record_of("1", "2", "3"), {}),
            thumbnail_fingerprint(record_of("1", "2", "2"), {}));
}

TEST(Png, keeps_its_note) {
  EXPECT_EQ(png_note(png(picture, "what it shows")), "what it shows");
  EXPECT_EQ(png_note(png(picture)), "");
  EXPECT_EQ(png_note("no picture"), "");
}

}  // namespace
}  // namespace nicohort
