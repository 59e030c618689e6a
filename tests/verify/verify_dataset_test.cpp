#include "verify/verify_dataset.hpp"

#include <gmock/gmock.h>

#include "dataset/dataset_file.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/image_dataset.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::ImageDataset;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Verify : public ::testing::Test {
 protected:
  Verify() { write_manifest("Manifest"); }

  void write_manifest(const std::string& sheet) {
    std::vector<SampleDescription> samples;
    for (const std::string pid : {"1", "2"}) {
      const SampleRecord record = cohort.record(pid);
      samples.push_back(describe(record, {record.id, record.parts, "TJ/pre", {}}));
    }
    put_manifest(cohort.dataset() / "dataset_manifest.xlsx", {sheet, dataset_table(samples)});
  }

  std::vector<Problem> problems() {
    Report report{nobody()};
    result = verify_dataset(options, {1}, report);
    return report.problems();
  }
  static auto problem(const std::string& subject, const std::string& what) {
    return AllOf(Field(&Problem::subject, subject), Field(&Problem::what, HasSubstr(what)));
  }

  ImageDataset cohort{{"1", "2"}};
  VerifyOptions options{cohort.dataset()};
  VerifiedDataset result;
};

TEST_F(Verify, finds_nothing_wrong_with_a_fresh_dataset) {
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(result.samples, 2U);
  EXPECT_EQ(result.files, 2U * 5 + 1) << "volume, mask, two binary masks, info; the manifest";
  EXPECT_THAT(result.told, IsEmpty());
}

TEST_F(Verify, compares_the_mask_with_what_the_record_says_of_it) {
  const SampleRecord whole = cohort.record("1");
  const std::string subject = ".nicohort/TJ_1_pre.json";

  SampleRecord record = whole;
  record.mask->voxels.front().second += 1;
  cohort.put_record(record);
  EXPECT_THAT(problems(), ElementsAre(problem(subject, "has other voxel counts")));

  record = whole;
  ASSERT_EQ(record.steps.back().work.name, "list_small");
  std::vector<LabelRegions>& regions = record.steps.back().findings.regions;
  ASSERT_FALSE(regions.empty());
  ASSERT_FALSE(regions.back().regions.empty()) << "the block is small";
  regions.back().regions.front().centre[0] += 0.5;
  cohort.put_record(record);
  EXPECT_THAT(problems(), ElementsAre(problem(subject, "has another list of small regions")));

  record = whole;
  record.labels[7] = "Lost";
  cohort.put_record(record);
  EXPECT_THAT(problems(),
              Contains(problem(subject, "has no binary mask TJ_1_pre_mask_07_Lost.nii.gz")));
}

TEST_F(Verify, lists_of_before_a_later_step_are_not_compared) {
  SampleRecord record = cohort.record("1");
  ASSERT_EQ(record.steps[1].work.name, "list_small");
  record.steps[1].findings.regions.clear();
  cohort.put_record(record);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(Verify, samples_of_different_steps_are_told_and_no_problem) {
  SampleRecord record = cohort.record("1");
  record.steps.pop_back();
  cohort.put_record(record);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(result.told, HasSubstr("Not all samples were made with the same steps"));
}

TEST_F(Verify, one_scan_under_two_names) {
  SampleRecord record = cohort.record("2");
  const fs::path one = cohort.dataset() / ImageDataset::files_of("1").volume(),
                 two = cohort.dataset() / ImageDataset::files_of("2").volume();
  fs::copy_file(one, two, fs::copy_options::overwrite_existing);
  record.files[two.filename().string()] = sha256_of_file(two);
  cohort.put_record(record);
  EXPECT_THAT(problems(), Contains(problem("TJ_2_pre", "has the same voxel values as TJ_1_pre")));
}

TEST_F(Verify, a_missing_list_of_checksums_is_no_problem_and_a_wrong_one_is) {
  const fs::path list = OwnFolder(cohort.dataset()).checksums();
  fs::remove(list);
  EXPECT_THAT(problems(), IsEmpty());
  write_file(list, sha256_of("") + "  other\n");
  EXPECT_THAT(problems(), ElementsAre(problem(".nicohort/SHA256SUMS", "differs from the records")));
}

TEST_F(Verify, tables_are_compared_with_their_checksums) {
  DatasetFile file = read_dataset_file(cohort.dataset());
  file.tables["../secret"] = file.tables["gone.xlsx"] = file.tables["TJ"] = sha256_of("");
  write_file(OwnFolder(cohort.dataset()).dataset_file(), text_of(file));
  fs::remove(OwnFolder(cohort.dataset()).checksums());
  EXPECT_THAT(problems(), ElementsAre(problem(".nicohort/dataset.json", "not below the dataset"),
                                      problem("TJ", "is not a regular file"),
                                      problem("gone.xlsx", "is missing")));
}

TEST_F(Verify, the_manifest_s_worksheet_may_have_another_name) {
  fs::remove(cohort.dataset() / "dataset_manifest.xlsx");
  write_manifest("All samples");
  EXPECT_EQ(problems().size(), 1U) << "there is no worksheet Manifest";
  options.sheet_name = "All samples";
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(Verify, a_command_that_was_stopped_is_told) {
  Work work;
  work.command = "mask_thresholding";
  work.steps = {{"threshold", "{}", 1}};
  work.ids = {"TJ_1_pre", "TJ_2_pre"};
  work.token = "1";
  write_file(OwnFolder(cohort.dataset()).unfinished(), unfinished_text(work));
  EXPECT_THAT(problems(), IsEmpty()) << "it had done nothing";
  SampleRecord begun = cohort.record("1");
  begun.steps.push_back({{"threshold", "{}", 1}, {}});
  cohort.put_record(begun);
  fs::create_directory(OwnFolder(cohort.dataset()).progress());
  write_file(OwnFolder(cohort.dataset()).begun(), "{}");
  EXPECT_THAT(problems(), ElementsAre(problem("mask_thresholding", "1 sample")));
}

TEST_F(Verify, while_a_command_has_samples_left_to_do_the_list_of_checksums_is_not_expected) {
  SampleRecord record = cohort.record("1");
  record.files.erase("TJ_1_pre_info.yaml");
  fs::remove(cohort.dataset() / ImageDataset::files_of("1").info());
  const auto of_list = problem(".nicohort/SHA256SUMS", "differs from the records");
  cohort.put_record(record);
  EXPECT_THAT(problems(), Contains(of_list));
  write_file(OwnFolder(cohort.dataset()).unfinished(), unfinished_text({"run", true}));
  EXPECT_THAT(problems(), ::testing::Not(Contains(of_list)));
}

TEST_F(Verify, a_missing_manifest_is_named_once) {
  const fs::path manifest = cohort.dataset() / "dataset_manifest.xlsx";
  fs::remove(manifest);
  EXPECT_THAT(problems(), Contains(problem(manifest.string(),
                                           "there is no such file; nicohort run writes it at its "
                                           "end, also after all shards")));
}

TEST_F(Verify, a_sample_of_which_only_the_record_is_left) {
  fs::remove_all(cohort.dataset() / ImageDataset::files_of("1").folder);
  EXPECT_THAT(problems(), Contains(problem("TJ_1_pre", "has a record, but no files")));
}

TEST_F(Verify, where_there_is_no_dataset_nothing_is_made) {
  const testing::TemporaryFolder empty;
  options.root_dir = empty.path();
  Report report{nobody()};
  EXPECT_THROW(verify_dataset(options, {1}, report), UsageError);
  EXPECT_THAT(empty.files(), IsEmpty());
  EXPECT_FALSE(fs::exists(empty / ".nicohort"));
}

}  // namespace
}  // namespace nicohort
