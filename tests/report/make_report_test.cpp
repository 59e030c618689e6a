#include "report/make_report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "dataset/image_dataset.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::bytes_of;
using nicohort::testing::ImageDataset;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MakeReport : public ::testing::Test {
 protected:
  std::vector<Problem> make(DatasetUse use = DatasetUse::as_it_is) {
    Report report{nobody()};
    report = make_report({cohort.root()}, {1}, use);
    const std::string script = bytes_of(cohort.root() / "report/data.js");
    const std::size_t head = std::string("window.nicohort = ").size();
    data = nlohmann::json::parse(script.substr(head, script.size() - head - 2));
    return report.problems();
  }
  fs::path picture(const std::string& pid) {
    return cohort.root() / "report/thumbnails" / (ImageDataset::id_of(pid) + ".png");
  }
  // So that a picture that is made anew is seen.
  void age(const fs::path& file) { fs::last_write_time(file, fs::file_time_type() + old); }
  bool is_old(const fs::path& file) {
    return fs::last_write_time(file) == fs::file_time_type() + old;
  }

  static constexpr std::chrono::seconds old{1'000'000};
  ImageDataset cohort{{"1", "2"}};
  nlohmann::json data;
};

TEST_F(MakeReport, shows_what_the_records_say) {
  SampleRecord record = cohort.record("1");
  record.mask->intensity.mean = 77;
  record.steps[0].findings.counts["removed"] = 11;
  cohort.put_record(record);
  EXPECT_THAT(make(), IsEmpty());
  ASSERT_EQ(data["samples"].size(), 2U);
  const auto& sample = data["samples"][0];
  EXPECT_EQ(sample["id"], "TJ_1_pre");
  EXPECT_EQ(sample["parts"], (nlohmann::json{{"site", "TJ"}, {"phase", "pre"}, {"pid", "1"}}));
  EXPECT_EQ(sample["patient"], "TJ_1");
  EXPECT_EQ(sample["image"]["size"], (std::vector{8, 6, 4}));
  EXPECT_EQ(sample["roi"]["voxels"], 32);
  EXPECT_EQ(sample["roi"]["volume_mm3"], 64);
  EXPECT_EQ(sample["roi"]["intensity"]["mean"], 77);
  EXPECT_EQ(sample["cleaning"], (nlohmann::json{{"thresholded", 11},
                                                {"removed", 1},
                                                {"filled", 0},
                                                {"relabelled", 0},
                                                {"small_regions_before", 2},
                                                {"small_regions_after", 1}}));
  EXPECT_EQ(data["thresholds"]["small_regions_before"], "300 mm3");
  EXPECT_EQ(data["sites"], std::vector<std::string>{"TJ"});
  EXPECT_EQ(data["unit"], "HU");
  EXPECT_EQ(data["parts"][0]["choices"], std::vector<std::string>{"TJ"});
  EXPECT_TRUE(data["parts"][2]["choices"].is_null());
  EXPECT_TRUE(fs::exists(picture("1")));
}

TEST_F(MakeReport, masks_that_lie_in_air_are_told_of_their_site) {
  for (const char* pid : {"1", "2"}) {
    SampleRecord record = cohort.record(pid);
    record.mask->intensity.median = -990;
    cohort.put_record(record);
  }
  EXPECT_THAT(make(), IsEmpty()) << "not for sure: no reason to fail";
  ASSERT_EQ(data["problems"].size(), 1U);
  EXPECT_EQ(data["problems"][0]["subject"], "TJ");
  EXPECT_EQ(data["problems"][0]["kind"], "geometry");
  EXPECT_TRUE(data["problems"][0]["sample"].is_null());
}

TEST_F(MakeReport, pictures_are_made_anew_when_they_show_something_else) {
  make();
  const std::string first = bytes_of(picture("1"));
  for (const char* pid : {"1", "2"}) age(picture(pid));
  EXPECT_THAT(make(), IsEmpty());
  EXPECT_TRUE(is_old(picture("1")) && is_old(picture("2")));
  write_file(picture("1"), "damaged");
  EXPECT_THAT(make(), IsEmpty());
  EXPECT_EQ(bytes_of(picture("1")), first);
  EXPECT_TRUE(is_old(picture("2")));
  SampleRecord record = cohort.record("2");
  record.inputs[1].sha256 = sha256_of("drawn anew");
  cohort.put_record(record);
  make();
  EXPECT_FALSE(is_old(picture("2")));
}

TEST_F(MakeReport, a_drawn_mask_that_is_gone_or_another_is_told_each_time) {
  cohort.draw_anew("1");
  fs::remove(cohort.root() / "archive" / ImageDataset::drawn_path("2"));
  for (int i = 0; i < 2; ++i) {
    const auto problems = make();
    ASSERT_EQ(problems.size(), 2U) << i;
    EXPECT_THAT(problems[0].what, HasSubstr("is not the file from which"));
    EXPECT_EQ(problems[1].subject, ImageDataset::drawn_path("2"));
    EXPECT_THAT(problems[1].what, HasSubstr("is not in the archive"));
  }
  fs::remove_all(cohort.root() / "archive");
  EXPECT_THAT(make(), IsEmpty()) << "a dataset without its archive is one, too";
  for (const char* pid : {"1", "2"}) age(picture(pid));
  make();
  EXPECT_TRUE(is_old(picture("1")) && is_old(picture("2")));
}

TEST_F(MakeReport, a_sample_without_a_record_is_read) {
  fs::remove(OwnFolder(cohort.dataset()).record("TJ_1_pre"));
  EXPECT_THAT(make(), IsEmpty());
  const auto& sample = data["samples"][0];
  EXPECT_EQ(sample["written"], true);
  EXPECT_EQ(sample["roi"]["voxels"], 32);
  EXPECT_TRUE(sample["cleaning"].is_null());
  EXPECT_NEAR(sample["roi"]["intensity"]["mean"].get<double>(), 4, 2);
}

TEST_F(MakeReport, a_file_that_is_not_as_recorded_is_read) {
  const SampleFiles files = ImageDataset::files_of("1");
  const fs::path mask = cohort.dataset() / files.mask();
  fs::remove(mask);
  fs::copy_file(cohort.dataset() / files.binary_mask(0, "Bg"), mask);
  make();
  EXPECT_EQ(data["samples"][0]["roi"]["voxels"], 8 * 6 * 4 - 32);
  EXPECT_TRUE(data["samples"][0]["cleaning"].is_null());
}

TEST_F(MakeReport, a_sample_that_cannot_be_read_or_was_not_written_is_shown_as_unusable) {
  fs::remove(cohort.dataset() / ImageDataset::files_of("1").volume());
  SampleRecord unusable;
  unusable.id = "TJ_0_pre";
  unusable.parts = {{"site", "TJ"}, {"phase", "pre"}, {"pid", "0"}};
  unusable.problems = {{"tongji/x.nii.gz", ProblemKind::unreadable_file, "is truncated"}};
  cohort.put_record(unusable);
  EXPECT_EQ(make().size(), 1U);
  ASSERT_EQ(data["samples"].size(), 3U);
  EXPECT_EQ(data["samples"][0]["id"], "TJ_0_pre");
  EXPECT_EQ(data["samples"][0]["parts"]["pid"], "0");
  EXPECT_EQ(data["samples"][0]["patient"], "TJ_0");
  for (int i : {0, 1}) EXPECT_EQ(data["samples"][i]["written"], false);
  EXPECT_EQ(data["samples"][1]["parts"]["phase"], "pre");
  EXPECT_EQ(data["samples"][2]["written"], true);
  std::vector<std::string> said;
  for (const auto& problem : data["problems"])
    if (problem["sample"] == "TJ_0_pre")
      said.insert(said.end(), {problem["kind"], problem["what"]});
  EXPECT_THAT(said, ElementsAre("unreadable file", "is truncated"));
}

TEST_F(MakeReport, samples_of_different_steps_are_told) {
  SampleRecord record = cohort.record("1");
  record.steps.pop_back();
  cohort.put_record(record);
  EXPECT_THAT(make(), IsEmpty());
  EXPECT_THAT(data["problems"][0]["what"].get<std::string>(),
              HasSubstr("Not all samples were made with the same steps"));
}

TEST_F(MakeReport, who_holds_the_dataset_can_make_it) {
  const DatasetLock lock(cohort.dataset(), DatasetLock::Mode::alone, nobody());
  EXPECT_THROW(make(), MachineError);
  EXPECT_THAT(make(DatasetUse::unlocked), IsEmpty());
}

TEST_F(MakeReport, a_damaged_record_is_told_once) {
  write_file(OwnFolder(cohort.dataset()).record("TJ_1_pre"), "{");
  const auto problems = make();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].subject, ".nicohort/TJ_1_pre.json");
  EXPECT_THAT(make(DatasetUse::unlocked), IsEmpty()) << "the caller has told it";
}

TEST_F(MakeReport, of_the_same_dataset_has_the_same_bytes) {
  make();
  const std::string first = bytes_of(cohort.root() / "report/data.js") + bytes_of(picture("1"));
  fs::remove_all(cohort.root() / "report");
  fs::remove_all(OwnFolder(cohort.dataset()).cache());
  make();
  EXPECT_EQ(bytes_of(cohort.root() / "report/data.js") + bytes_of(picture("1")), first);
}

TEST_F(MakeReport, of_no_dataset_makes_nothing) {
  const testing::TemporaryFolder empty;
  EXPECT_THROW(make_report({empty.path()}, {1}), UsageError);
  EXPECT_FALSE(fs::exists(empty / "grouped"));
}

}  // namespace
}  // namespace nicohort
