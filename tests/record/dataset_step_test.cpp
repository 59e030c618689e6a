// SPEC 2, Safety: a command that works in place and was stopped does nothing twice.
#include "record/dataset_step.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "record/checksums.hpp"
#include "record/unfinished.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const SampleFiles sample{"TJ/pre/TJ_1_pre", "TJ_1_pre"};
const fs::path mask = sample.mask(), info = sample.info();

fs::path temporary_path_of(const fs::path& file) {
  const AtomicFile under_way(file);
  for (const auto& entry : fs::directory_iterator(file.parent_path()))
    if (entry.path().extension() == ".tmp") return entry.path();
  return {};
}

struct DatasetStepTest : ::testing::Test {
  TemporaryFolder folder;
  fs::path root() const { return folder.path(); }

  Step step(double low = -140) const { return {"mask_thresholding", {{"low", low}}, {}}; }
  DatasetStep work(double low = -140) const { return to(root(), low); }
  DatasetStep to(const fs::path& output, double low = -140, bool skip_existing = false,
                 MaskWork kind = MaskWork::changes) const {
    return {root(), output, kind, step(low), {sample}, skip_existing};
  }
  void commit(const DatasetStep& work, const std::string& content) const {
    StagedSample staged(root());
    staged.add_text(mask, content);
    work.commit(staged, sample, work.step());
  }
  std::vector<std::string> unfinished_commands() const {
    std::vector<std::string> commands;
    for (const Note& note : unfinished(root())) commands.push_back(note.command);
    return commands;
  }
  SampleRecord record() const { return read_record(root(), sample.id).value(); }
};

TEST_F(DatasetStepTest, RecordsTheStepAndTheChecksums) {
  DatasetStep first = work();
  commit(first, "a");
  first.finish();
  EXPECT_THAT(record().steps, SizeIs(1));
  EXPECT_THAT(record().files, ElementsAre(Pair(mask.generic_string(), sha256_of("a"))));
  EXPECT_EQ(read_checksums(root()), record().files);
}

TEST_F(DatasetStepTest, IsDoneAgainAfterItWasFinished) {
  for (int i = 0; i < 2; ++i) {
    DatasetStep again = work();
    EXPECT_FALSE(again.done(sample, {mask}));
    commit(again, "a");
    again.finish();
  }
  EXPECT_THAT(record().steps, SizeIs(2));
}

TEST_F(DatasetStepTest, GoesOnAfterItWasStopped) {
  DatasetStep earlier = work();
  commit(earlier, "a");
  earlier.finish();
  {
    DatasetStep stopped = work();
    EXPECT_FALSE(stopped.done(sample, {mask}));
    commit(stopped, "b");
  }
  DatasetStep resumed = work();
  EXPECT_TRUE(resumed.done(sample, {mask}));
  resumed.finish();
  EXPECT_THAT(record().steps, SizeIs(2));
  EXPECT_FALSE(work().done(sample, {mask}));
}

TEST_F(DatasetStepTest, RefusesOtherParametersAfterItWasStopped) {
  commit(work(), "a");
  EXPECT_THROW(work(-50), UsageError) << "some samples have the step with the first";
  work().finish();
  EXPECT_FALSE(work(-50).done(sample, {mask}));
}

TEST_F(DatasetStepTest, OfOneThatWasStoppedBeforeItDidASampleNothingIsLeft) {
  work(-50);
  EXPECT_THAT(unfinished_commands(), IsEmpty());
  commit(work(), "a");
  EXPECT_THAT(unfinished_commands(), ElementsAre("mask_thresholding"));
}

TEST_F(DatasetStepTest, SkipsOnlyAsTheStoppedCommandDid) {
  auto skipping = [&](bool skip) { return to(root(), -140, skip); };
  EXPECT_TRUE(skipping(true).skips_existing(sample));
  commit(skipping(true), "a");
  EXPECT_FALSE(skipping(true).skips_existing(sample)) << "it is done";
  const SampleFiles other{"TJ/pre/TJ_2_pre", "TJ_2_pre"};
  EXPECT_TRUE(skipping(true).skips_existing(other));
  EXPECT_FALSE(skipping(false).skips_existing(other));
  skipping(true).finish();
  commit(skipping(false), "a");
  EXPECT_FALSE(skipping(true).skips_existing(other));
}

TEST_F(DatasetStepTest, NothingIsLeftOfWhatWasBegunOfASampleThatWasMadeAnew) {
  commit(work(), "a");
  settle(root(), {"run", {sample.id}, {}});
  EXPECT_THAT(unfinished_commands(), ElementsAre("mask_thresholding")) << "it was kept";
  settle(root(), {"run", {sample.id}, {sample.id}});
  EXPECT_THAT(unfinished_commands(), IsEmpty());
}

TEST_F(DatasetStepTest, ASampleThatWasTakenOutIsOwedByNobody) {
  commit(work(), "a");
  remove_record(root(), sample.id);
  EXPECT_THAT(unfinished_commands(), IsEmpty());
}

TEST_F(DatasetStepTest, ACommandThatStartsAgainStillOwesWhatItHadBegun) {
  put_note(root(), {"confirm_pairs"}, {sample.id, "TJ_2_pre"});
  EXPECT_THAT(unfinished_commands(), IsEmpty()) << "it has begun none";
  write_record(root(), {sample.id, "", {}, {}, {}});
  put_note(root(), {"confirm_pairs"}, {"TJ_3_pre"});
  settle(root(), {"confirm_pairs", {"TJ_3_pre"}, {"TJ_3_pre"}});
  EXPECT_THAT(unfinished_commands(), ElementsAre("confirm_pairs"));
  settle(root(), {"confirm_pairs", {sample.id}, {}});
  EXPECT_THAT(unfinished_commands(), IsEmpty());
}

TEST_F(DatasetStepTest, MadeAnewASampleLosesWhatWasMadeOfTheOldOne) {
  commit(work(), "a");
  SampleRecord anew{sample.id, "", {}, {}, {}};
  StagedSample staged(root());
  const fs::path other = sample.binary_mask(1, "Tumor");
  staged.add_text(other, "b");
  staged.replace(anew);
  EXPECT_FALSE(fs::exists(root() / mask));
  EXPECT_EQ(read_file(root() / other, 10), "b");
}

TEST_F(DatasetStepTest, RefusesWhatAnotherCommandLeftUnfinished) {
  put_note(root(), {"confirm_pairs"}, {sample.id});
  write_record(root(), {sample.id, "", {}, {}, {}});
  EXPECT_THROW(work(), UsageError);
  EXPECT_THROW(require_finished(root()), UsageError);
  end_note(root(), "confirm_pairs");
  work().finish();
}

TEST_F(DatasetStepTest, RefusesANoteThatCannotBeRead) {
  commit(work(), "a");
  write_file(root() / ".nicohort/unfinished/mask_thresholding.json", "{");
  EXPECT_THROW(work(), UsageError);
}

TEST_F(DatasetStepTest, ANoteLeadsToNoFileOutsideTheDataset) {
  const fs::path outside = root() / "outside.json", dataset = root() / "grouped";
  write_record(dataset, {sample.id, "", {}, {}, {}});
  fs::copy_file(record_path(dataset, sample.id), outside);
  write_file(dataset / ".nicohort/unfinished/run.json", R"({"owed": {"../../outside": "other"}})");
  EXPECT_THAT(unfinished(dataset), IsEmpty());
  write_file(dataset / ".nicohort/unfinished/run.json", R"({"owed": {"TJ_1_pre": "other"}})");
  EXPECT_THAT(unfinished(dataset), SizeIs(1));
}

TEST_F(DatasetStepTest, GivesMasksTheirNamesThatWereOnlyRecorded) {
  commit(work(), "a");
  // As if the process had been killed between the record and the renaming.
  SampleRecord changed = record();
  changed.files[mask.generic_string()] = sha256_of("b");
  std::ofstream(temporary_path_of(root() / mask)) << "b";
  write_record(root(), changed);
  EXPECT_TRUE(work().done(sample, {mask}));
  EXPECT_EQ(read_file(root() / mask, 10), "b");
}

// The step would be done to its own work.
TEST_F(DatasetStepTest, DoesNotReadAgainWhatItHasWritten) {
  commit(work(), "a");
  write_file(root() / mask, "edited");
  EXPECT_THROW(work().done(sample, {mask}), BadInput);
  fs::remove(root() / mask);
  EXPECT_TRUE(work().done(sample, {mask})) << "verify tells";
}

TEST_F(DatasetStepTest, LeavesWhatItCouldNotNameToTheNextStart) {
  work();  // notes what the record was
  fs::create_directories(root() / mask / "in the way");
  EXPECT_THROW(commit(work(), "a"), MachineError);
  fs::remove_all(root() / mask);
  EXPECT_TRUE(work().done(sample, {mask}));
  EXPECT_EQ(read_file(root() / mask, 10), "a");
}

TEST_F(DatasetStepTest, IsDoneWhateverBecameOfFilesThatItDoesNotWrite) {
  SampleRecord confirmed{sample.id, "", {}, {}, {}};
  StagedSample staged(root());
  staged.add_text(info, "a");
  staged.commit(confirmed);
  commit(work(), "a");
  write_file(root() / info, "corrected by hand");
  EXPECT_TRUE(work().done(sample, {mask}));
}

TEST_F(DatasetStepTest, DoesNotWriteOverADamagedRecord) {
  write_file(record_path(root(), sample.id), "{");
  EXPECT_THROW(commit(work(), "a"), BadInput);
  EXPECT_FALSE(fs::exists(root() / mask));
  EXPECT_EQ(read_file(record_path(root(), sample.id), 10), "{");
}

TEST_F(DatasetStepTest, DerivedMasksAreDoneAnewWithOtherOptions) {
  auto derive = [&](double low, bool skip) { return to(root(), low, skip, MaskWork::derives); };
  commit(derive(-140, false), "a");
  EXPECT_THROW(derive(0, true), UsageError) << "what exists is of the first options";
  EXPECT_FALSE(derive(0, false).done(sample, {mask}));
  EXPECT_THAT(unfinished_commands(), ElementsAre("mask_thresholding")) << "though nothing is begun";
  derive(0, false).finish();
  EXPECT_THAT(unfinished_commands(), IsEmpty());
}

struct OtherFolderTest : DatasetStepTest {
  const fs::path other = root() / "other";
  void commit_to(const DatasetStep& work, const std::string& content) const {
    StagedSample staged(other);
    staged.add_text(mask, content);
    work.commit(staged, sample, work.step());
  }
  void SetUp() override {
    DatasetStep first = work();
    commit(first, "a");
    first.finish();
  }
};

TEST_F(OtherFolderTest, KeepsTheHistoryAndListsItsOwnFiles) {
  DatasetStep second = to(other, 0);
  commit_to(second, "b");
  EXPECT_TRUE(unfinished_note(other, "mask_thresholding"));
  second.finish();
  EXPECT_THAT(unfinished(other), IsEmpty());
  EXPECT_THAT(read_record(other, sample.id)->steps, SizeIs(2));
  EXPECT_THAT(read_checksums(other), ElementsAre(Pair(mask.generic_string(), sha256_of("b"))));
}

TEST_F(OtherFolderTest, WhatIsThereStays) {
  SampleRecord copied{sample.id, "", {}, {}, {}};
  StagedSample staged(other);
  staged.add_text(mask, "a");
  staged.add_text(info, "i");
  staged.commit(copied);
  DatasetStep second = to(other, 0);
  commit_to(second, "b");
  second.finish();
  EXPECT_EQ(read_file(other / info, 10), "i");
  EXPECT_THAT(read_checksums(other), ElementsAre(Pair(info.generic_string(), sha256_of("i")),
                                                 Pair(mask.generic_string(), sha256_of("b"))));
}

TEST_F(OtherFolderTest, DoesNotMixTheMasksOfTwoDatasetsOrOptions) {
  commit_to(to(other, 0), "b");
  EXPECT_THROW(DatasetStep(other, other, MaskWork::changes, step(0), {sample}), UsageError);
  EXPECT_THROW(to(other, 1, true), UsageError) << "what exists is of other options";
  to(other, 1);
  EXPECT_TRUE(unfinished_note(other, "mask_thresholding")) << "the first ones' sample stands yet";
}

TEST_F(OtherFolderTest, GoesOnWhereBothFoldersWereMoved) {
  const TemporaryFolder elsewhere;
  commit_to(to(other, 0), "b");
  fs::copy(root(), elsewhere.path(), fs::copy_options::recursive);
  EXPECT_NO_THROW(DatasetStep(elsewhere.path(), elsewhere.path() / "other", MaskWork::changes,
                              step(0), {sample}, true));
}

TEST_F(OtherFolderTest, SkipsAllThatExistsAlsoWhatWasEdited) {
  DatasetStep first = to(other, 0);
  commit_to(first, "b");
  first.finish();
  write_file(other / mask, "edited");
  to(other, 0, true);
  EXPECT_TRUE(to(other, 0, true).skips_existing(sample));
  EXPECT_FALSE(to(other, 0, false).skips_existing(sample));
}

}  // namespace
}  // namespace nicohort
