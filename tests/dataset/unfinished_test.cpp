#include "dataset/unfinished.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/problem.hpp"
#include "dataset/lock.hpp"
#include "dataset/small_dataset.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
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
  {
    // It still has the samples of the first.
    Transaction transaction(dataset, work_of(2, {ids[0]}), nobody());
    EXPECT_EQ(read_unfinished(dataset)->ids, ids);
  }
  run(dataset, 2);
  EXPECT_NO_THROW(require_finished(dataset));
  EXPECT_FALSE(read_unfinished(dataset));
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
