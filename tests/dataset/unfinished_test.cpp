#include "dataset/unfinished.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/heard.hpp"
#include "base/problem.hpp"
#include "dataset/lock.hpp"
#include "dataset/small_dataset.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

// Does the first sample and no other.
void stop_after_one(const fs::path& dataset, const Work& work) {
  Transaction transaction(dataset, work, nobody());
  put(transaction, dataset, ids[0], 2);
}

TEST(Unfinished, a_note_says_all_of_the_work) {
  const TemporaryFolder folder;
  Work work = work_of(2, ids);
  work.from_archive = true;
  work.labels = LabelNames{{0, "Bg"}, {255, "x"}};
  folder.write(".nicohort/unfinished.json", unfinished_text(work));
  const std::optional<Work> read = read_unfinished(folder.path());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->is_same(work));
  EXPECT_EQ(read->ids, ids);
  EXPECT_FALSE(read_unfinished(folder / "none"));
}

TEST(Unfinished, other_commands_are_refused_and_the_same_goes_on) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  run(dataset, 1);
  stop_after_one(dataset, work_of(2, ids));
  const auto refused = AllOf(HasSubstr("mask_thresholding was interrupted"), HasSubstr("2 of 3"));
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(dataset); }), refused);
  EXPECT_THAT(message_of<UsageError>([&] { Transaction t(dataset, work_of(3, ids), nobody()); }),
              refused);
  Work part = work_of(1, {ids[1]});
  part.from_archive = true;
  EXPECT_THAT(message_of<UsageError>([&] { Transaction t(dataset, part, nobody()); }), refused);
  run(dataset, 2);
  EXPECT_NO_THROW(require_finished(dataset));
  EXPECT_FALSE(read_unfinished(dataset));
}

// A command for some of the samples, such as the first manifest of two.
Work work_of_some(const std::string& chosen_by, const std::vector<std::string>& of) {
  Work work = work_of(2, of);
  work.chosen_by = chosen_by;
  return work;
}

void run_some(const fs::path& dataset, const std::string& chosen_by,
              const std::vector<std::string>& of, Listener& listener = nobody()) {
  Transaction transaction(dataset, work_of_some(chosen_by, of), listener);
  for (const std::string& id : of) put(transaction, dataset, id, 2);
  transaction.finish();
}

TEST(Unfinished, the_same_command_for_other_samples_leaves_those_of_the_first_to_do) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  const std::vector<std::string> others{"XY_4_pre", "XY_5_pre"};
  run(dataset, 1);
  run(dataset, 1, others);
  stop_after_one(dataset, work_of_some("first", ids));
  { Transaction stopped(dataset, work_of_some("second", others), nobody()); }
  EXPECT_EQ(read_unfinished(dataset)->all_ids().size(), 4U) << "one is done";
  testing::Heard heard;
  run_some(dataset, "second", others, heard);
  EXPECT_THAT(heard.warnings, ElementsAre(HasSubstr("2 samples of it are not done yet")));
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(dataset); }),
              AllOf(HasSubstr("mask_thresholding was interrupted"), HasSubstr(ids[1])));
  EXPECT_THAT(message_of<UsageError>([&] { Transaction t(dataset, work_of(3, ids), nobody()); }),
              HasSubstr("mask_thresholding was interrupted"));
  run_some(dataset, "first", ids);
  EXPECT_FALSE(read_unfinished(dataset));
}

TEST(Unfinished, what_two_commands_have_left_is_done_by_each_of_them) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  const std::vector<std::string> others{"XY_4_pre", "XY_5_pre"};
  run(dataset, 1);
  run(dataset, 1, others);
  stop_after_one(dataset, work_of_some("first", ids));
  { Transaction stopped(dataset, work_of_some("second", others), nobody()); }
  run_some(dataset, "first", ids);
  EXPECT_THAT(samples_not_done(dataset, *read_unfinished(dataset)), others);
  run_some(dataset, "second", others);
  EXPECT_NO_THROW(require_finished(dataset));
}

TEST(Unfinished, what_the_same_choice_no_longer_has_is_owed_by_nobody) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  stop_after_one(folder.path(), work_of_some("first", ids));
  run_some(folder.path(), "first", {ids[0], ids[1]});
  EXPECT_NO_THROW(require_finished(folder.path()));
}

Work making(const std::vector<std::string>& of) {
  Work work = work_of(1, of);
  work.command = "run";
  work.from_archive = true;
  return work;
}

// Makes the sample again with steps that it has already, as where its images have changed.
void make_again(Transaction& transaction, const std::string& id, const std::string& image) {
  SampleRecord record = record_of(id, 1);
  record.inputs.push_back({.path = image, .sha256 = "digest"});
  StagedSample sample = transaction.stage(id, folder_of(id));
  for (const auto& [name, text] : texts_of(id, 1)) sample.add(name).write(text);
  sample.commit(record);
}

TEST(Unfinished, samples_whose_images_have_changed_are_left_until_they_are_made_again) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  run(dataset, 1);
  const auto left = [&] { return samples_not_done(dataset, *read_unfinished(dataset)); };
  {
    Transaction transaction(dataset, making(ids), nobody());
    EXPECT_THAT(left(), ids) << "it has no plan yet";
    transaction.note_to_make({ids[0], ids[1]});
    EXPECT_THAT(left(), ElementsAre(ids[0], ids[1]));
    EXPECT_NO_THROW(require_finished(dataset)) << "it has changed nothing";
    make_again(transaction, ids[0], "new.nii.gz");
  }
  EXPECT_THAT(left(), ElementsAre(ids[1]));
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(dataset); }), HasSubstr("1 of 3"));
  {
    Transaction again(dataset, making(ids), nobody());
    EXPECT_THAT(left(), ElementsAre(ids[1])) << "what it had noted holds";
    again.note_to_make({ids[1], ids[2]});  // one more has changed
  }
  EXPECT_THAT(left(), ElementsAre(ids[1], ids[2]));
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(dataset); }), HasSubstr("2 of 3"));
  Transaction last(dataset, making(ids), nobody());
  last.note_to_make({ids[1], ids[2]});
  last.finish();
  EXPECT_NO_THROW(require_finished(dataset));
  EXPECT_FALSE(fs::exists(OwnFolder(dataset).progress()));
}

TEST(Unfinished, a_run_of_an_earlier_version_has_noted_no_progress) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  folder.write(".nicohort/unfinished.json", unfinished_text(making(ids)));
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(folder.path()); }),
              HasSubstr("3 of 3"));
  { Transaction stopped(folder.path(), making(ids), nobody()); }
  EXPECT_NE(read_unfinished(folder.path())->token, "");
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(folder.path()); }),
              HasSubstr("3 of 3"));
}

TEST(Unfinished, progress_that_cannot_be_read_is_none) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  run(dataset, 1);
  {
    Transaction transaction(dataset, making(ids), nobody());
    transaction.note_to_make({});
  }
  const auto left = [&] { return samples_not_done(dataset, *read_unfinished(dataset)); };
  EXPECT_THAT(left(), IsEmpty());
  Work other = *read_unfinished(dataset);
  other.token = "another";
  for (const std::string& text : {std::string("nonsense"), to_make_text(other, {}, {}),
                                  std::string(R"({"token":"x","shard":"slurm/2","to_make":{}})")}) {
    folder.write(".nicohort/progress/1-1.json", text);
    EXPECT_THAT(left(), ids);
  }
}

TEST(Unfinished, a_run_that_makes_all_of_them_anew_may_begin) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  stop_after_one(folder.path(), work_of(2, ids));
  Work work = work_of(1, ids);
  work.from_archive = true;
  EXPECT_NO_THROW(Transaction(folder.path(), work, nobody()));
}

TEST(Unfinished, one_that_has_done_nothing_stands_in_nobodys_way) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  { Transaction transaction(folder.path(), work_of(2, ids), nobody()); }
  EXPECT_TRUE(read_unfinished(folder.path()));
  EXPECT_NO_THROW(require_finished(folder.path()));
  EXPECT_NO_THROW(Transaction(folder.path(), work_of(3, ids), nobody()));
}

TEST(Unfinished, a_step_that_had_nothing_to_do_is_not_missed) {
  const StepWork threshold{"threshold", R"({"window":[0.0,1.0]})", 1},
      list{"list_small", R"({"smaller_than":"1 mm3"})", 1}, clean{"clean_slices", "{}", 1};
  const auto is_done_by = [&](const std::vector<StepWork>& works) {
    SampleRecord record = record_of(ids[0], 1);
    record.mask.emplace();
    record.steps.clear();
    for (const StepWork& work : works) record.steps.push_back({work, {}});
    return is_done({"opening", false, {threshold, clean}, {}, "balanced", {}}, record);
  };
  EXPECT_TRUE(is_done_by({threshold, clean}));
  EXPECT_TRUE(is_done_by({threshold, list, clean})) << "it is in effect";
  EXPECT_TRUE(is_done_by({clean, threshold, clean}));
  EXPECT_FALSE(is_done_by({threshold, clean, list}));
  EXPECT_FALSE(is_done_by({threshold, clean, clean})) << "clean_slices may have added voxels";
  EXPECT_FALSE(is_done_by({clean})) << "no threshold";
  EXPECT_FALSE(is_done_by({threshold}));
}

TEST(Unfinished, a_command_that_was_stopped_when_all_was_done_keeps_nobody_out) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  {
    Transaction transaction(folder.path(), work_of(2, ids), nobody());
    for (const std::string& id : ids) put(transaction, folder.path(), id, 2);
  }
  EXPECT_TRUE(read_unfinished(folder.path()));
  EXPECT_NO_THROW(require_finished(folder.path()));
  run(folder.path(), 3);
  EXPECT_THAT(versions(folder.path()), ElementsAre(3, 3, 3));
}

TEST(Unfinished, one_that_cannot_be_read_is_of_all_samples) {
  const TemporaryFolder folder;
  run(folder.path(), 1);
  folder.write(".nicohort/unfinished.json", "nonsense");
  EXPECT_THAT(message_of<UsageError>([&] { require_finished(folder.path()); }),
              HasSubstr("an unknown command"));
  EXPECT_THAT(samples_not_done(folder.path(), *read_unfinished(folder.path())), ids);
}

TEST(IsDone, by_the_steps_at_the_end_or_by_all_of_them) {
  Work work = work_of(2, ids);
  EXPECT_TRUE(is_done(work, record_of(ids[0], 2)));
  EXPECT_FALSE(is_done(work, record_of(ids[0], 1)));
  EXPECT_TRUE(is_done(work, record_of(ids[0], 3))) << "its threshold is still in effect";
  work.from_archive = true;
  EXPECT_FALSE(is_done(work, record_of(ids[0], 2)));
  work.steps = {record_of("", 2).steps[0].work, record_of("", 2).steps[1].work};
  EXPECT_TRUE(is_done(work, record_of(ids[0], 2)));
  work.compression = "small";
  EXPECT_FALSE(is_done(work, record_of(ids[0], 2)));
}

TEST(IsDone, by_the_type_of_the_volume_where_it_is_made) {
  SampleRecord record = record_of(ids[0], 1);
  record.volume.emplace();
  Work work = work_of(1, ids);
  work.keeps_volume_type = true;
  EXPECT_TRUE(is_done(work, record)) << "the step leaves the volume as it is";
  work.from_archive = true;
  EXPECT_FALSE(is_done(work, record));
  record.volume->has_source_type = true;
  EXPECT_TRUE(is_done(work, record));
}

TEST(IsDone, by_labels_where_they_are_named_and_always_without_a_mask) {
  Work work;
  work.labels = LabelNames{{1, "EsoROI"}};
  SampleRecord record = record_of(ids[0], 1);
  EXPECT_FALSE(is_done(work, record));
  record.labels = *work.labels;
  EXPECT_TRUE(is_done(work, record));
  record.labels.clear();
  record.mask.reset();
  EXPECT_TRUE(is_done(work, record));
}

TEST(Shards, share_a_dataset_and_leave_the_end_to_a_plain_run) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  {
    Transaction one(dataset, work_of(2, {}), {1, 2}, nobody());
    EXPECT_FALSE(one.has_joined());
    one.begin(work_of(2, ids));
    one.share();
    Transaction other(dataset, work_of(2, {}), {2, 2}, nobody());
    EXPECT_TRUE(other.has_joined());
    put(one, dataset, ids[0], 2);
    put(other, dataset, ids[1], 2);
    put(one, dataset, ids[2], 2);
    one.finish();
    other.finish();
    EXPECT_THROW(Transaction(dataset, work_of(2, ids), nobody()), DatasetBusy);
  }
  EXPECT_THAT(versions(dataset), ElementsAre(2, 2, 2));
  EXPECT_TRUE(read_unfinished(dataset));
  EXPECT_FALSE(fs::exists(OwnFolder(dataset).checksums()));
  Transaction(dataset, work_of(2, ids), nobody()).finish();
  EXPECT_FALSE(read_unfinished(dataset));
  EXPECT_TRUE(fs::exists(OwnFolder(dataset).checksums()));
}

TEST(Shards, that_have_ended_have_nothing_left_whatever_they_could_make) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  run(dataset, 1);
  std::map<int, std::vector<std::string>> of;
  for (const std::string& id : ids) of[Shard::of(id, 2)].push_back(id);
  ASSERT_EQ(of.size(), 2U);
  const auto left = [&] { return samples_not_done(dataset, *read_unfinished(dataset)); };
  const auto start = [&](int index, bool comes_to_its_end) {
    Transaction shard(dataset, making({}), {index, 2}, nobody());
    if (!shard.has_joined()) shard.begin(making(ids));
    shard.note_to_make(of[index]);
    make_again(shard, of[index][0], std::to_string(index));  // others are kept as they were
    if (comes_to_its_end) shard.finish();
  };
  start(1, true);
  EXPECT_THAT(left(), of[2]);
  start(2, false);
  EXPECT_THAT(left(), ElementsAreArray(of[2].begin() + 1, of[2].end()));
  start(2, true);
  EXPECT_THAT(left(), IsEmpty());
  start(1, true);
  EXPECT_THAT(left(), IsEmpty()) << "as when both are submitted again";
  {
    Transaction plain(dataset, making(ids), nobody());
    EXPECT_THAT(left(), IsEmpty());
    plain.note_to_make({ids[0]});
    EXPECT_THAT(left(), ElementsAre(ids[0])) << "it knows more than they";
    plain.finish();
  }
  EXPECT_FALSE(read_unfinished(dataset));
}

TEST(Shards, wait_for_the_first_to_begin) {
  const TemporaryFolder folder;
  std::optional<Transaction> one(std::in_place, folder.path(), work_of(2, {}), Shard{1, 2},
                                 nobody());
  std::atomic<bool> has_shared = false;
  std::thread other([&] {
    const Transaction joined(folder.path(), work_of(2, {}), {2, 2}, nobody());
    EXPECT_TRUE(joined.has_joined());
    EXPECT_TRUE(has_shared);
  });
  one->begin(work_of(2, ids));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it would be in by now
  has_shared = true;
  one->share();
  other.join();
}

TEST(Shards, have_every_sample_once) {
  for (const int count : {1, 3, 8})
    for (int i = 0; i < 100; ++i) {
      const std::string id = "TJ_" + std::to_string(i) + "_pre";
      int having = 0;
      for (int index = 1; index <= count; ++index) having += Shard{index, count}.has(id);
      EXPECT_EQ(having, 1) << id;
    }
  // Tasks that were submitted with an earlier version count on it:
  // int(hashlib.sha256(b"TJ_0012_pre").hexdigest()[:16], 16) % 8 + 1
  EXPECT_EQ(Shard::of("TJ_0012_pre", 8), 7);
}

TEST(Shards, are_numbered_from_1) {
  EXPECT_EQ(parse_shard("3/8").text(), "3/8");
  for (const char* wrong : {"0/8", "9/8", "3", "3/", "/8", "3/0", "-1/8", "3/8x", "1.5/2", "slurm"})
    EXPECT_THAT(message_of<UsageError>([&] { parse_shard(wrong); }), HasSubstr(wrong));
}

TEST(Shards, take_their_number_from_slurm) {
  ::unsetenv("SLURM_ARRAY_TASK_ID");
  EXPECT_THAT(message_of<UsageError>([] { parse_shard("slurm/8"); }),
              HasSubstr("SLURM_ARRAY_TASK_ID is not set"));
  ::setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  EXPECT_EQ(parse_shard("slurm/8").text(), "7/8");
  EXPECT_THAT(message_of<UsageError>([] { parse_shard("slurm/6"); }),
              AllOf(HasSubstr("`7`"), HasSubstr("--array=1-6")));
  ::unsetenv("SLURM_ARRAY_TASK_ID");
}

TEST(Shards, of_other_work_are_refused) {
  const TemporaryFolder folder;
  Transaction one(folder.path(), work_of(2, ids), {1, 2}, nobody());
  one.begin(work_of(2, ids));
  one.share();
  EXPECT_THAT(message_of<DatasetBusy>([&] {
                Transaction(folder.path(), work_of(3, ids), {2, 2}, nobody());
              }),
              HasSubstr("with other options"));
  EXPECT_THAT(message_of<DatasetBusy>([&] { Transaction(folder.path(), nobody()); }),
              HasSubstr("(shard 1/2)"));
}

TEST(Shards, one_that_is_killed_leaves_its_decision_to_whoever_is_alone_next) {
  const TemporaryFolder folder;
  const fs::path dataset = folder.path();
  {
    Transaction one(dataset, work_of(2, ids), {1, 2}, nobody());
    one.begin(work_of(2, ids));
    one.share();
    {
      const TestDisk disk([&](const TestDisk::Call& call, int) {
        if (call.name == "rename" && call.to.filename() == ids[1] + ".json") throw Killed();
        return 0;
      });
      try {
        Transaction other(dataset, work_of(2, ids), {2, 2}, nobody());
        put(other, dataset, ids[1], 2);
        ADD_FAILURE();
      } catch (const Killed&) {
      }
    }
    put(one, dataset, ids[0], 2);
    one.finish();
  }
  EXPECT_TRUE(has_decided_changes(dataset));
  const Transaction last(dataset, work_of(2, ids), {2, 2}, nobody());
  EXPECT_THAT(versions(dataset), ElementsAre(2, 2, 0));
}

}  // namespace
}  // namespace nicohort
