// The power fails at any moment of a command, or of the recovery after it: each sample is as it was
// or as it is to be. Every flush is needed: without it a sample is mixed.
#include <gmock/gmock.h>

#include <array>
#include <set>

#include "base/heard.hpp"
#include "base/problem.hpp"
#include "dataset/simulated_disk.hpp"
#include "dataset/small_dataset.hpp"

namespace nicohort {
namespace {

using namespace testing;
namespace fs = std::filesystem;

const std::vector<std::string> four_samples{"TJ_1_pre", "TJ_2_pre", "TJ_3_pre", "XY_4_pre"};
const std::vector<std::set<int>> possible{{2, 3, 1}, {2, 0}, {2, 3}, {0, 2}};

// Changes a sample twice, removes one, changes one, and makes one in a folder that is not there.
void change_four(const fs::path& dataset) {
  Work work = work_of(3, four_samples);
  work.from_archive = true;
  Transaction transaction(dataset, work, nobody());
  put(transaction, dataset, four_samples[0], 3);
  put(transaction, dataset, four_samples[2], 3);
  transaction.remove(*read_record(dataset, four_samples[1]));
  put(transaction, dataset, four_samples[0], 1);
  put(transaction, dataset, four_samples[3], 2);
  transaction.finish();
}

// What is flushed, in words: what the path is of.
std::string kind_of(const fs::path& path) {
  const std::string text = path.generic_string();
  std::vector<std::string> names;
  for (const auto& name : path) names.push_back(name.string());
  if (names[0] != ".nicohort")
    return names.size() < 3 ? "folder above" : names.size() == 3 ? "sample's folder" : "?";
  if (names.size() == 1) return "records";
  if (names.size() == 2) return names[1];
  if (names.size() == 3) return names[1] + "/token";
  if (names.size() == 4 && names[3].find('.') != std::string::npos) return "own text";
  if (names.size() == 4) return names[1] == "staging" ? "staged folder" : "decided folder";
  return names[4] == "record.json" || names[4] == "plan.json" ? names[4] : "staged file";
}

class PowerCut : public ::testing::Test {
 protected:
  PowerCut() {
    run(first_ / "grouped", 2, ids);
    begin_.emplace(first_ / "grouped");
  }

  // The calls of the command, ended at the call of this number, and of the recovery after it. No
  // number: undisturbed.
  std::vector<LoggedCall> log(int killed_at = -1) {
    const TemporaryFolder folder;
    fs::copy(first_.path(), folder.path(), fs::copy_options::recursive);
    keep_times(folder.path());
    std::vector<LoggedCall> calls;
    try {
      const LoggingDisk disk(folder / "grouped", calls, killed_at);
      change_four(folder / "grouped");
    } catch (const Killed&) {
    } catch (const MachineError&) {
    }
    length_ = static_cast<int>(calls.size());
    if (killed_at < 0) return calls;
    const LoggingDisk disk(folder / "grouped", calls);
    const Transaction recovery(folder / "grouped", nobody());
    return calls;
  }

  // A sentence if what the power cut leaves after so many calls is not well after recovery.
  std::string fault_after(const std::vector<LoggedCall>& calls, std::size_t count,
                          const std::string& not_flushed, std::mt19937& random) {
    SimulatedDisk disk = *begin_;
    for (std::size_t i = 0; i < count; ++i)
      if (calls[i].name != "fsync" || kind_of(calls[i].path) != not_flushed) disk.apply(calls[i]);
    const TemporaryFolder folder;
    const fs::path dataset = folder / "grouped";
    const TwinDisk twins(disk.leave(dataset, random));
    try {
      testing::Heard heard;
      const Transaction recovery(dataset, heard);
      if (!heard.summaries.empty()) return heard.summaries[0];
    } catch (const std::exception& error) {
      return error.what();
    }
    if (const auto work = read_unfinished(dataset); work && work->command != "mask_thresholding")
      return "the note is damaged";
    for (std::size_t i = 0; i < four_samples.size(); ++i)
      if (!possible[i].contains(version_of(dataset, four_samples[i])))
        return four_samples[i] + " is mixed";
    const std::vector<int> found = versions(dataset, four_samples);
    const bool is_halfway = found != std::vector{2, 2, 2, 0} && found != std::vector{1, 0, 3, 2};
    if (is_halfway && message_of<UsageError>([&] { require_finished(dataset); }).empty())
      return "nobody is told that it was stopped";
    return "";
  }

  // Looks at many moments, in the command and in recoveries.
  // Gives the first fault.
  std::string fault(const std::string& not_flushed, int rounds) {
    std::mt19937 random(4);
    const std::vector<LoggedCall> undisturbed = log();
    const int length = length_;
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t count = 0; count <= undisturbed.size(); ++count)
        if (std::string found = fault_after(undisturbed, count, not_flushed, random);
            !found.empty())
          return found;
      for (int i = 0; i < length / 4; ++i) {
        const std::vector<LoggedCall> calls = log(static_cast<int>(random() % length));
        for (int j = 0; j < 6; ++j) {
          const std::size_t count = length_ + random() % (calls.size() - length_ + 1);
          if (std::string found = fault_after(calls, count, not_flushed, random); !found.empty())
            return found;
        }
      }
    }
    return "";
  }

 private:
  void keep_times(const fs::path& copy) {
    for (const auto& entry : fs::recursive_directory_iterator(first_.path()))
      if (entry.is_regular_file())
        fs::last_write_time(copy / entry.path().lexically_relative(first_.path()),
                            entry.last_write_time());
  }

  TemporaryFolder first_;
  std::optional<SimulatedDisk> begin_;
  int length_ = 0;
};

TEST_F(PowerCut, leaves_each_sample_old_or_new) {
  EXPECT_EQ(fault("nothing", is_long() ? 2 : 1), "");
}

class EachFlush : public PowerCut, public ::testing::WithParamInterface<const char*> {};

TEST_P(EachFlush, is_needed) {
  EXPECT_NE(fault(GetParam(), 200), "") << "without this flush all goes as well: drop it";
}

INSTANTIATE_TEST_SUITE_P(PowerCut, EachFlush,
                         ::testing::Values("staged file", "record.json", "plan.json",
                                           "staged folder", "decided folder", "own text", "commit",
                                           "commit/token", "staging", "staging/token",
                                           "sample's folder", "folder above", "records",
                                           "progress"));

}  // namespace
}  // namespace nicohort
