#include "dataset/dataset.hpp"

#include <gmock/gmock.h>

#include "base/atomic_file.hpp"
#include "base/heard.hpp"
#include "dataset/small_dataset.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string one_recipe = "name: one\nvolume: \"{pid}.nii.gz\"\n",
                  another_recipe = "name: other\nvolume: \"{pid}.nii.gz\"\n";

class OpenDataset : public ::testing::Test {
 protected:
  OpenDataset() { run(root, 1); }

  Dataset open(const OpenOptions& options = {}) { return Dataset::open(root, options, heard); }
  std::string refused(const OpenOptions& options = {}) {
    return message_of<UsageError>([&] { open(options); });
  }
  fs::path own(const std::string& file) { return OwnFolder(root).path() / file; }
  void put_record(const SampleRecord& record) {
    write_file(OwnFolder(root).record(record.id), record_text(record));
  }

  TemporaryFolder folder;
  fs::path root = folder / "grouped";
  Heard heard;
};

TEST_F(OpenDataset, has_samples_and_records) {
  const Dataset dataset = open();
  EXPECT_THAT(ids_of(dataset.samples), ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_EQ(read_record(root, ids[1])->steps.size(), 1U);
  EXPECT_THAT(dataset.recorded, IsEmpty());
  EXPECT_THAT(dataset.problems, IsEmpty());
  EXPECT_THAT(dataset.steps_differ, IsEmpty());
}

TEST_F(OpenDataset, nobody_changes_it_meanwhile) {
  const auto change = [&] { Transaction transaction(root, nobody()); };
  const auto read = [&] { Dataset::open(root, {}, nobody()); };
  {
    const Dataset dataset = open();
    EXPECT_THROW(change(), DatasetBusy);
    EXPECT_NO_THROW(read());
  }
  {
    const Dataset dataset = open({DatasetUse::finished, {}, root / "manifest.xlsx"});
    EXPECT_THROW(read(), DatasetBusy) << "its manifest will be written";
  }
  const Dataset dataset = open({DatasetUse::unlocked, {}, {}});
  EXPECT_NO_THROW(change());
}

TEST_F(OpenDataset, damaged_and_lost_samples_are_problems) {
  fs::remove_all(root / folder_of(ids[0]));
  write_file(OwnFolder(root).record(ids[1]), "{");
  fs::remove(OwnFolder(root).record(ids[2]));
  SampleRecord unusable;
  unusable.id = "TJ_4_pre";
  put_record(unusable);
  const Dataset dataset = open();
  EXPECT_THAT(ids_of(dataset.samples), ElementsAre(ids[1], ids[2]));
  EXPECT_THAT(ids_of(dataset.recorded), ElementsAre(ids[0], "TJ_4_pre"));
  ASSERT_EQ(dataset.problems.size(), 2U);
  EXPECT_EQ(dataset.problems[0].subject, ".nicohort/" + ids[1] + ".json");
  EXPECT_EQ(dataset.problems[1].subject, ids[0]);
  EXPECT_THAT(dataset.problems[1].what, HasSubstr("has a record, but no files"));
}

TEST_F(OpenDataset, masks_of_different_steps_are_told) {
  SampleRecord record = *read_record(root, ids[2]);
  record.steps[0].findings.counts["removed"] = 3;
  put_record(record);
  EXPECT_THAT(open().steps_differ, IsEmpty()) << "what they found may differ";
  record.steps[0].work.parameters = "[1]";
  put_record(record);
  EXPECT_THAT(open().steps_differ, HasSubstr("2 samples (TJ_1_pre, …), 1 sample (TJ_3_pre)"));
  record.mask.reset();
  put_record(record);
  EXPECT_THAT(open().steps_differ, IsEmpty()) << "without a mask there is nothing to do";
  record.mask.emplace();
  record.folder.clear();
  record.files.clear();
  put_record(record);
  EXPECT_THAT(open().steps_differ, IsEmpty()) << "it was not written";
}

TEST_F(OpenDataset, a_command_that_was_stopped_is_told_or_refused) {
  {
    Transaction transaction(root, work_of(2, ids), nobody());
    put(transaction, root, ids[0], 2);
  }
  const auto problems = open().problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].subject, "mask_thresholding");
  EXPECT_THAT(refused({DatasetUse::finished, {}, {}}),
              HasSubstr("mask_thresholding was interrupted"));
  EXPECT_THROW(lock_dataset_of(root / "manifest.xlsx", nobody()), UsageError);
}

// Leaves a decided change of a sample of which nothing is in place.
void stop_behind_decision(const fs::path& root) {
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    if (call.name == "rename" && call.to.parent_path() == root / folder_of(ids[0])) throw Killed();
    return 0;
  });
  Transaction transaction(root, work_of(2, {ids[0]}), nobody());
  EXPECT_THROW(put(transaction, root, ids[0], 2), Killed);
}

TEST_F(OpenDataset, a_change_that_is_decided_while_it_waits_for_the_lock_is_completed) {
  stop_behind_decision(root);
  // As if the command came to its decision, and its end, just now.
  const fs::path commit = OwnFolder(root).commit(), aside = folder / "aside";
  fs::rename(commit, aside);
  fs::create_directory(commit);
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    if (call.name == "flock" && fs::exists(aside)) {
      fs::remove(commit);
      fs::rename(aside, commit);
    }
    return 0;
  });
  const Dataset dataset = open();
  EXPECT_FALSE(fs::exists(aside)) << "the lock is one of flock(2)";
  EXPECT_FALSE(has_decided_changes(root));
  EXPECT_EQ(version_of(root, ids[0]), 2);
  EXPECT_EQ(read_record(root, ids[0])->steps.size(), 2U);
}

TEST_F(OpenDataset, where_there_is_none_is_wrong_usage_and_makes_nothing) {
  const TemporaryFolder empty;
  const auto said = [](const fs::path& place) {
    return message_of<UsageError>([&] { Dataset::open(place, {}, nobody()); });
  };
  EXPECT_THAT(said(empty.path()), HasSubstr("no samples"));
  EXPECT_THAT(said(empty / "none"), HasSubstr("no such folder"));
  EXPECT_FALSE(lock_dataset_of(empty / "manifest.xlsx", nobody()));
  EXPECT_THAT(empty.files(), IsEmpty());
  EXPECT_FALSE(fs::exists(empty / ".nicohort"));
}

TEST_F(OpenDataset, above_or_below_itself_is_wrong_usage) {
  write_file(OwnFolder(root).dataset_file(), "{}");
  for (const fs::path& place : {folder.path(), root / "TJ"})
    EXPECT_THAT(message_of<UsageError>([&] { Dataset::open(place, {}, nobody()); }),
                HasSubstr("the dataset is " + fs::canonical(root).string()));
}

TEST_F(OpenDataset, with_two_folders_of_a_sample_is_wrong_usage) {
  folder.write("grouped/copy/" + ids[0] + "/" + ids[0] + "_mask.nii.gz", "");
  EXPECT_THAT(refused(), HasSubstr("the sample " + ids[0] + " has two folders"));
}

TEST_F(OpenDataset, has_the_recipe_that_the_dataset_keeps) {
  EXPECT_EQ(open().recipe.name(), load_recipe().name());
  const fs::path given = folder.write("given.yaml", one_recipe);
  EXPECT_EQ(open({.recipe = given}).recipe.name(), "one");
  write_file(own("recipe.yaml"), one_recipe);
  EXPECT_EQ(open().recipe.name(), "one");
  EXPECT_EQ(open({.recipe = given}).recipe.name(), "one") << "the same";
}

TEST_F(OpenDataset, with_another_recipe_is_wrong_usage) {
  write_file(own("recipe.yaml"), one_recipe);
  EXPECT_THAT(refused({.recipe = folder.write("given.yaml", another_recipe)}),
              HasSubstr("was made with another recipe"));
}

TEST_F(OpenDataset, a_recipe_of_another_layout_and_with_other_comments_is_the_same) {
  const fs::path given = folder.write("given.yaml", "# mine\n" + one_recipe + "\n\nsteps: []\n");
  write_file(own("recipe.yaml"), one_recipe + "steps: []  # none\n");
  EXPECT_EQ(open({.recipe = given}).recipe.name(), "one");
  folder.write("given.yaml", "# mine\n" + one_recipe);
  EXPECT_THROW(open({.recipe = given}), UsageError);
}

TEST_F(OpenDataset, a_recipe_that_is_a_link_is_not_followed) {
  fs::create_symlink(folder.write("elsewhere.yaml", one_recipe), own("recipe.yaml"));
  EXPECT_THROW(open(), UsageError);
}

}  // namespace
}  // namespace nicohort
