#include "archive/archive_sample.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

using Row = std::vector<Cell>;

Table manifest(const std::vector<Row>& rows) {
  return {{"file_path", "site", "phase", "pid", "type", "szx", "Age"}, rows};
}

struct Samples {
  std::vector<ArchiveSample> samples;
  std::vector<Problem> problems;
};
Samples samples_in(const Table& table) {
  Report report{nobody()};
  auto samples = samples_of(table, "m.xlsx", load_recipe(), report);
  return {std::move(samples), report.problems()};
}

TEST(Spec4Routine02ArchiveSample, one_for_each_site_phase_and_pid) {
  const auto [samples, problems] = samples_in(manifest({
      {"t/m2", "TJ", "pre", "2", "m3d", 9.0, 63.0},
      {"t/v2", "TJ", "pre", "2", "v3d", 9.0, 63.0},
      {"t/v2p", "TJ", "post", "2", "v3d", 9.0, 63.0},
      {"s/m1", "SYTH", "pre", 189003440.0, "m3d", 9.0, Cell()},
  }));
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0].info.id, "SYTH_189003440_pre");
  EXPECT_THAT(samples[0].images(), ElementsAre("s/m1"));
  EXPECT_FALSE(samples[0].has_volume());
  EXPECT_EQ(samples[1].info.id, "TJ_2_post");
  EXPECT_EQ(samples[2].info.id, "TJ_2_pre");
  EXPECT_THAT(samples[2].images(), ElementsAre("t/v2", "t/m2"));
  EXPECT_TRUE(samples[2].has_volume());
  EXPECT_THAT(samples[2].info.attributes, ElementsAre(Pair("Age", Cell(63.0))))
      << "what describes the file is no attribute of the patient";
  EXPECT_EQ(samples[2].files.folder, "TJ/pre/TJ_2_pre");
  EXPECT_EQ(samples[2].files.id, "TJ_2_pre");
}

TEST(Spec4Routine02ArchiveSample, rows_that_cannot_be_used_are_reported_and_the_others_used) {
  struct Case {
    Row row;
    const char* message;
  };
  for (const auto& [row, message] : {
           Case{{"a", "", "pre", "1", "v3d", 9.0, Cell()}, "no site, phase, pid"},
           Case{{"a", "TJ", "pre", Cell(), "v3d", 9.0, Cell()}, "no site, phase, pid"},
           Case{{"a", "TJ", "pre", "../1", "v3d", 9.0, Cell()}, "no site, phase, pid"},
           Case{{"a", "..", "pre", "1", "v3d", 9.0, Cell()}, "no site, phase, pid"},
           Case{{"../a", "TJ", "pre", "1", "v3d", 9.0, Cell()}, "is not below --root_dir"},
           Case{{"b/../../a", "TJ", "pre", "1", "v3d", 9.0, Cell()}, "is not below --root_dir"},
           Case{{"/etc/a", "TJ", "pre", "1", "v3d", 9.0, Cell()}, "is not below --root_dir"},
           Case{{"", "TJ", "pre", "1", "v3d", 9.0, Cell()}, "is not below --root_dir"},
           Case{{"a", "TJ", "pre", "1", "v4d", 9.0, Cell()}, "type `v4d`"},
       }) {
    const auto [samples, problems] =
        samples_in(manifest({row, {"good", "TJ", "post", "1", "v3d", 9.0, Cell()}}));
    ASSERT_EQ(problems.size(), 1u) << message;
    EXPECT_THAT(problems[0].what, HasSubstr(message));
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_THAT(samples[0].volumes, ElementsAre("good"));
  }
}

TEST(Spec4Routine02ArchiveSample, a_row_that_says_otherwise_than_its_path_is_left_out) {
  const std::string path = "tongji/pre-therapy/images/TJ_0012.nii.gz";
  struct Case {
    Row row;
    const char* message;
  };
  for (const auto& [row, message] : {
           Case{{path, "TJ", "pre", 12.0, "v3d", 9.0, Cell()}, "drops leading zeros"},
           Case{{path, "TJ", "pre", "7", "v3d", 9.0, Cell()}, "the pid `7` in the manifest"},
           Case{{path, "XY", "pre", "0012", "v3d", 9.0, Cell()}, "the site `XY`"},
           Case{{path, "TJ", "PRE", "0012", "v3d", 9.0, Cell()}, "the phase `PRE`"},
           Case{{path, "TJ", "pre", "0012", "m3d", 9.0, Cell()}, "the type `m3d`"},
       }) {
    const auto [samples, problems] = samples_in(manifest({row}));
    EXPECT_THAT(samples, IsEmpty()) << message;
    ASSERT_EQ(problems.size(), 1u) << message;
    EXPECT_EQ(problems[0].subject, path);
    EXPECT_THAT(problems[0].what, HasSubstr(message));
  }
  EXPECT_THAT(samples_in(manifest({{path, "TJ", "pre", "0012", "v3d", 9.0, Cell()}})).problems,
              IsEmpty());
}

TEST(Spec5ArchiveSample, a_part_is_empty_where_the_path_leaves_it_out) {
  const Recipe recipe(
      "volume: \"{pid}[_ses-{ses}].nii.gz\"\nmetadata: {file: a.csv, key: {p: \"{pid}\"}}\n",
      "r.yaml");
  Report report{nobody()};
  const Table table{{"file_path", "pid", "ses", "type", "subset"},
                    {{"1.nii.gz", "1", Cell(), "v3d", "train"},
                     {"2_ses-1.nii.gz", "2", Cell(), "v3d", "val"},
                     {"3_ses-1.nii.gz", "3", 1.0, "v3d", "test"}}};
  const auto samples = samples_of(table, "m.xlsx", recipe, report);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].info.id, "1");
  EXPECT_EQ(samples[0].info.part("ses"), "");
  EXPECT_THAT(samples[0].info.attributes, ElementsAre(Pair("subset", Cell("train"))));
  EXPECT_EQ(samples[1].info.id, "3_1");
  ASSERT_EQ(report.problems().size(), 1u);
  EXPECT_EQ(report.problems()[0].subject, "2_ses-1.nii.gz");
}

TEST(Spec4Routine02ArchiveSample, a_second_volume_is_not_taken) {
  const auto [samples, problems] = samples_in(manifest({
      {"first", "TJ", "pre", "1", "v3d", 9.0, Cell()},
      {"second", "TJ", "pre", "1", "v3d", 9.0, Cell()},
  }));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_THAT(samples[0].volumes, ElementsAre("first"));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].subject, "second");
  EXPECT_THAT(problems[0].what, HasSubstr("first was used"));
}

// As of a manifest that was made with an `id` of all parts.
TEST(Spec5ArchiveSample, two_samples_never_become_one_of_the_same_identifier) {
  const Recipe recipe(
      "volume: \"{phase}/{pid}_volume.nii.gz\"\nmask: \"{phase}/{pid}_mask.nii.gz\"\nid: "
      "\"{pid}\"\n",
      "r.yaml");
  const Table table{
      {"file_path", "phase", "pid", "type"},
      {{"pre/1_volume.nii.gz", "pre", "1", "v3d"}, {"post/1_mask.nii.gz", "post", "1", "m3d"}}};
  Report report{nobody()};
  EXPECT_THAT(message_of<UsageError>([&] { samples_of(table, "m.xlsx", recipe, report); }),
              AllOf(HasSubstr("r.yaml, line 3: the samples `pre 1` and `post 1`"),
                    HasSubstr("would both have the identifier `1`")));
}

TEST(Spec4Routine02ArchiveSample, the_first_value_that_a_samples_rows_have_counts) {
  const auto [samples, problems] = samples_in(manifest({
      {"m1", "TJ", "pre", "1", "m3d", 9.0, Cell()},
      {"v1", "TJ", "pre", "1", "v3d", 9.0, 63.0},
      {"m2", "TJ", "pre", "2", "m3d", 9.0, 63.0},
      {"v2", "TJ", "pre", "2", "v3d", 9.0, 64.0},
      {"m3", "TJ", "pre", "3", "m3d", 9.0, 63.0},
      {"v3", "TJ", "pre", "3", "v3d", 9.0, "63"},
  }));
  ASSERT_EQ(samples.size(), 3u);
  for (const ArchiveSample& sample : samples)
    EXPECT_THAT(sample.info.attributes, ElementsAre(Pair("Age", Cell(63.0))));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].subject, "TJ_2_pre");
  EXPECT_THAT(problems[0].what, HasSubstr("its rows in m.xlsx have different values of `Age`"));
}

const std::string channels_and_labels =
    "volume: {T1: \"{pid}/T1.nii.gz\", T2 w: \"{pid}/T2.nii.gz\"}\n"
    "mask: {file: \"{pid}/{label}.nii.gz\"}\n"
    "labels: {0: Bg, 2: liver, 1: right kidney}\n";

Samples samples_of_channels(const std::vector<Row>& rows) {
  const Recipe recipe(channels_and_labels, "r.yaml");
  Report report{nobody()};
  auto samples = samples_of({{"file_path", "pid", "type", "channel", "label"}, rows}, "m.xlsx",
                            recipe, report);
  return {std::move(samples), report.problems()};
}

TEST(Spec5ArchiveSample, files_stand_by_channel_and_label) {
  const auto [samples, problems] = samples_of_channels({
      {"1/liver.nii.gz", "1", "m3d", Cell(), "liver"},
      {"1/right kidney.nii.gz", "1", "m3d", Cell(), "right kidney"},
      {"1/T2.nii.gz", "1", "v3d", "T2_w", Cell()},
      {"1/T1.nii.gz", "1", "v3d", "T1", Cell()},
      {"2/T2.nii.gz", "2", "v3d", "T2_w", Cell()},
  });
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_THAT(samples[0].volumes, ElementsAre("1/T1.nii.gz", "1/T2.nii.gz"));
  ASSERT_EQ(samples[0].masks.size(), 2u);
  EXPECT_EQ(samples[0].masks[0].path, "1/right kidney.nii.gz");
  EXPECT_EQ(samples[0].masks[0].label, 1);
  EXPECT_EQ(samples[0].masks[1].label, 2);
  EXPECT_TRUE(samples[0].has_volume());
  EXPECT_THAT(samples[0].images(),
              ElementsAre("1/T1.nii.gz", "1/T2.nii.gz", "1/right kidney.nii.gz", "1/liver.nii.gz"));
  EXPECT_THAT(samples[0].info.attributes, IsEmpty());
  EXPECT_THAT(samples[1].volumes, ElementsAre("", "2/T2.nii.gz"));
  EXPECT_FALSE(samples[1].has_volume());
  EXPECT_THAT(samples[1].images(), ElementsAre("2/T2.nii.gz"));
}

TEST(Spec5ArchiveSample, rows_of_other_channels_and_labels_are_left_out) {
  struct Case {
    Row row;
    const char* message;
  };
  for (const auto& [row, message] : {
           Case{{"1/T1.nii.gz", "1", "v3d", "T2_w", Cell()}, "has the channel `T2_w`"},
           Case{{"1/T1.nii.gz", "1", "v3d", Cell(), Cell()}, "has the channel ``"},
           Case{{"1/liver.nii.gz", "1", "m3d", Cell(), "spleen"}, "has the label `spleen`"},
           Case{{"1/liver.nii.gz", "1", "m3d", "T1", "liver"}, "has the channel `T1`"},
           Case{{"1/spleen.nii.gz", "1", "m3d", Cell(), "spleen"},
                "has the label `spleen` in the manifest, which the recipe does not have"},
           Case{{"1/Bg.nii.gz", "1", "m3d", Cell(), "Bg"}, "which the recipe does not have"},
           Case{{"other", "1", "v3d", "T3", Cell()},
                "has the channel `T3` in the manifest, which the recipe does not have"},
       }) {
    const auto [samples, problems] = samples_of_channels({row});
    EXPECT_THAT(samples, IsEmpty()) << message;
    ASSERT_EQ(problems.size(), 1u) << message;
    EXPECT_THAT(problems[0].what, HasSubstr(message));
  }
}

TEST(Spec5ArchiveSample, a_second_file_of_a_channel_or_label_is_not_taken) {
  const auto [samples, problems] = samples_of_channels({
      {"1/T1.nii.gz", "1", "v3d", "T1", Cell()},
      {"again", "1", "v3d", "T1", Cell()},
      {"1/right kidney.nii.gz", "1", "m3d", Cell(), "right kidney"},
      {"1/right_kidney.nii.gz", "1", "m3d", Cell(), "right_kidney"},
  });
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_THAT(samples[0].volumes, ElementsAre("1/T1.nii.gz", ""));
  EXPECT_EQ(samples[0].masks.size(), 1u);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].subject, "again");
  EXPECT_EQ(problems[1].subject, "1/right_kidney.nii.gz");
  EXPECT_THAT(problems[1].what, HasSubstr("1/right kidney.nii.gz was used"));
}

TEST(Spec5ArchiveSample, a_manifest_without_the_columns_of_the_recipe) {
  const Recipe recipe(channels_and_labels, "r.yaml");
  Report report{nobody()};
  EXPECT_THAT(message_of<UsageError>([&] {
                samples_of({{"file_path", "pid", "type"}, {}}, "m.xlsx", recipe, report);
              }),
              HasSubstr("m.xlsx: does not have the columns channel, label"));
}

TEST(Spec2ExitStatusArchiveSample, a_table_that_is_no_archive_manifest) {
  EXPECT_THAT(message_of<UsageError>([] {
                samples_in({{"PID", "site", "phase"}, {}});
              }),
              HasSubstr("m.xlsx: does not have the columns file_path, type, pid"));
  EXPECT_THAT(message_of<UsageError>([] {
                samples_in({{"ID", "site", "phase", "pid"}, {}});
              }),
              HasSubstr("m.xlsx: is the manifest of a dataset"));
}

}  // namespace
}  // namespace nicohort
