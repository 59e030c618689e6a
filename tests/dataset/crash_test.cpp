// A command that is killed at any call, and the recoveries after it, too; and calls that fail.
#include <gmock/gmock.h>

#include <cerrno>
#include <set>

#include "base/heard.hpp"
#include "base/problem.hpp"
#include "dataset/small_dataset.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

const std::vector<std::string> all{"TJ_1_pre", "TJ_2_pre", "XY_3_pre"};

// Changes one, removes one and makes one.
void command(const fs::path& dataset) {
  Work work = work_of(3, all);
  work.from_archive = true;
  Transaction transaction(dataset, work, nobody());
  put(transaction, dataset, all[0], 3);
  if (const auto record = read_record(dataset, all[1])) transaction.remove(*record);
  put(transaction, dataset, all[2], 2);
  transaction.finish();
}

// Whether it came to its end.
bool killed(int at, const std::function<void()>& work) {
  const TestDisk disk([at](const TestDisk::Call&, int number) {
    if (number == at) throw Killed();
    return 0;
  });
  try {
    work();
    return disk.calls() > at;
  } catch (const Killed&) {
  } catch (const MachineError&) {  // a destructor was killed, and nothing goes any more
  }
  return true;
}

class Crash : public ::testing::Test {
 protected:
  Crash() { run(first_ / "grouped", 2, {all[0], all[1]}); }

  void begin(const TemporaryFolder& folder) const {
    fs::copy(first_ / "grouped", folder / "grouped", fs::copy_options::recursive);
  }
  static void expect_old_or_new(const fs::path& dataset) {
    EXPECT_THAT(version_of(dataset, all[0]), ::testing::AnyOf(2, 3));
    EXPECT_THAT(version_of(dataset, all[1]), ::testing::AnyOf(2, 0));
    EXPECT_THAT(version_of(dataset, all[2]), ::testing::AnyOf(0, 2));
  }

 private:
  TemporaryFolder first_;
};

TEST_F(Crash, at_any_call_and_in_three_recoveries_leaves_each_sample_old_or_new) {
  bool was_killed = true;
  for (int at = 0; was_killed; ++at) {
    bool was_killed_again = true;
    for (int again = at % 13; was_killed_again; again += 13) {
      const TemporaryFolder folder;
      const fs::path dataset = folder / "grouped";
      begin(folder);
      was_killed = killed(at, [&] { command(dataset); });
      const auto open = [&] { const Transaction recovery(dataset, nobody()); };
      was_killed_again = killed(again, open);
      killed(again / 2, open);
      killed(at % 11, open);
      const TestDisk disk;
      testing::Heard heard;
      { const Transaction recovery(dataset, heard); }
      EXPECT_THAT(heard.summaries, IsEmpty());
      expect_old_or_new(dataset);
      command(dataset);
      EXPECT_THAT(versions(dataset, all), ElementsAre(3, 0, 2));
      EXPECT_FALSE(read_unfinished(dataset));
      if (HasFailure()) FAIL() << "killed at " << at << " and " << again;
    }
  }
}

TEST_F(Crash, a_call_that_fails_is_a_failure_of_the_machine_and_the_next_command_completes_it) {
  for (const int code : {ENOSPC, EDQUOT, EIO, EACCES}) {
    bool has_failed = true;
    for (int at = 0; has_failed; ++at) {
      const TemporaryFolder folder;
      const fs::path dataset = folder / "grouped";
      begin(folder);
      {
        const TestDisk disk(
            [&](const TestDisk::Call&, int number) { return number == at ? code : 0; });
        try {
          command(dataset);
        } catch (const MachineError&) {
        }
        has_failed = disk.calls() > at;
      }
      const TestDisk disk;
      { const Transaction recovery(dataset, nobody()); }
      expect_old_or_new(dataset);
      command(dataset);
      EXPECT_THAT(versions(dataset, all), ElementsAre(3, 0, 2));
      if (HasFailure()) FAIL() << "call " << at << " failed with " << code;
    }
  }
}

TEST_F(Crash, a_flush_that_failed_is_not_tried_again) {
  const TemporaryFolder folder;
  begin(folder);
  int flushes = 0;
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    const bool is_mask = call.path.filename() == all[0] + "_mask.nii.gz";
    return call.name == "fsync" && is_mask && ++flushes == 1 ? EIO : 0;
  });
  EXPECT_THROW(command(folder / "grouped"), MachineError);
  EXPECT_EQ(flushes, 1);
  expect_old_or_new(folder / "grouped");
}

TEST_F(Crash, a_full_disk_stops_no_move) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  begin(folder);
  {
    bool is_decided = false;
    const TestDisk disk([&](const TestDisk::Call& call, int) {
      is_decided |=
          call.name == "rename" && call.to.parent_path().parent_path().filename() == "commit";
      const bool writes = call.name == "write" || call.name == "create" || call.name == "mkdir";
      return is_decided && writes ? ENOSPC : 0;
    });
    EXPECT_THROW(command(dataset), MachineError);
  }
  EXPECT_EQ(version_of(dataset, all[0]), 3);
}

TEST_F(Crash, a_folder_that_cannot_be_written_to_any_more_is_completed_later) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  begin(folder);
  {
    const TestDisk disk([&](const TestDisk::Call& call, int) {
      return call.name == "rename" && call.to.parent_path() == dataset / folder_of(all[2]) ? EACCES
                                                                                           : 0;
    });
    EXPECT_THAT(message_of<MachineError>([&] { command(dataset); }),
                HasSubstr("Permission denied"));
  }
  EXPECT_TRUE(has_decided_changes(dataset));
  EXPECT_THAT(recover(dataset, nobody()), IsEmpty());
  EXPECT_THAT(versions(dataset, all), ElementsAre(3, 0, 2));
}

// A bind mount, or a quota for projects: on one device, too.
TEST_F(Crash, what_cannot_be_renamed_is_copied) {
  for (int at = -1; at < 150; ++at) {
    const TemporaryFolder folder;
    const fs::path dataset = folder / "grouped", own = dataset / ".nicohort";
    begin(folder);
    const auto is_own = [&](const fs::path& path) {
      return path.string().starts_with(own.string());
    };
    const auto act = [&](const TestDisk::Call& call, int number) {
      if (number == at) throw Killed();
      return call.name == "rename" && is_own(call.path) != is_own(call.to) ? EXDEV : 0;
    };
    try {
      const TestDisk disk(act);
      command(dataset);
    } catch (const Killed&) {
    } catch (const MachineError&) {
    }
    if (at >= 0) {
      const TestDisk disk;
      const Transaction recovery(dataset, nobody());
      expect_old_or_new(dataset);
    } else {
      EXPECT_THAT(versions(dataset, all), ElementsAre(3, 0, 2));
    }
  }
}

// As NFS does it when an answer is lost: it asks again, and the file has gone.
TEST_F(Crash, a_rename_that_says_ENOENT_and_was_done_is_done) {
  const TemporaryFolder folder;
  begin(folder);
  const TestDisk disk([](const TestDisk::Call& call, int) {
    return call.name == "rename" ? TestDisk::done_and_denied : 0;
  });
  command(folder / "grouped");
  EXPECT_THAT(versions(folder / "grouped", all), ElementsAre(3, 0, 2));
}

class Edited : public Crash {
 protected:
  // Leaves a decided change of the first sample of which nothing is in place.
  void decide() {
    begin(folder_);
    const TestDisk disk([&](const TestDisk::Call& call, int) {
      if (call.name == "rename" && call.to.parent_path() == dataset_ / folder_of(all[0]))
        throw Killed();
      return 0;
    });
    EXPECT_THROW(command(dataset_), Killed);
    EXPECT_TRUE(has_decided_changes(dataset_));
  }
  fs::path edit(const std::string& name) const {
    return folder_.write("grouped/" + folder_of(all[0]) + "/" + name, "edited by hand");
  }

  TemporaryFolder folder_;
  fs::path dataset_ = folder_ / "grouped";
};

TEST_F(Edited, between_crash_and_recovery_a_mask_is_left_and_told) {
  decide();
  const fs::path mask = edit(all[0] + "_mask.nii.gz");
  EXPECT_THAT(
      recover(dataset_, nobody()),
      ElementsAre(::testing::AllOf(HasSubstr(mask.string()), HasSubstr("was edited while"))));
  EXPECT_EQ(bytes_of(mask), "edited by hand");
  EXPECT_FALSE(has_decided_changes(dataset_));
}

TEST_F(Edited, so_is_a_mask_that_was_to_be_removed) {
  decide();
  const fs::path mask = edit(all[0] + "_mask_01_EsoROI.nii.gz");
  EXPECT_THAT(recover(dataset_, nobody()), ElementsAre(HasSubstr(mask.string())));
  EXPECT_EQ(bytes_of(mask), "edited by hand");
}

TEST_F(Edited, in_the_moment_after_the_decision_it_is_left_and_told) {
  begin(folder_);
  const fs::path mask = dataset_ / folder_of(all[0]) / (all[0] + "_mask.nii.gz");
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    if (call.name == "fsync" && call.path.parent_path() == dataset_ / ".nicohort/commit")
      edit(mask.filename());
    return 0;
  });
  Transaction transaction(dataset_, nobody());
  EXPECT_THAT(put(transaction, dataset_, all[0], 3).left, ElementsAre(HasSubstr(mask.string())));
  EXPECT_EQ(bytes_of(mask), "edited by hand");
}

}  // namespace
}  // namespace nicohort
