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
const fs::path text = sample.folder / "TJ_1_pre_info.yaml";

struct DatasetStepTest : ::testing::Test {
  TemporaryFolder folder;
  fs::path root() const { return folder.path(); }

  Step step(double low = -140) const { return {"mask_thresholding", {{"low", low}}, {}}; }
  DatasetStep work(double low = -140) const { return {root(), root(), step(low), {sample}}; }
  void commit(const DatasetStep& work, const std::string& content) const {
    StagedSample staged(root());
    staged.add_text(text, content);
    work.commit(staged, sample, work.step());
  }
  SampleRecord record() const { return read_record(root(), sample.id).value(); }
};

TEST_F(DatasetStepTest, RecordsTheStepAndTheChecksums) {
  DatasetStep first = work();
  commit(first, "a");
  first.finish();
  EXPECT_THAT(record().steps, SizeIs(1));
  EXPECT_THAT(record().files, ElementsAre(Pair(text.generic_string(), sha256_of("a"))));
  EXPECT_EQ(read_checksums(root()), record().files);
}

TEST_F(DatasetStepTest, IsDoneAgainAfterItWasFinished) {
  for (int i = 0; i < 2; ++i) {
    DatasetStep again = work();
    EXPECT_FALSE(again.done(sample));
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
    EXPECT_FALSE(stopped.done(sample));
    commit(stopped, "b");
  }
  DatasetStep resumed = work();
  EXPECT_TRUE(resumed.done(sample));
  resumed.finish();
  EXPECT_THAT(record().steps, SizeIs(2));
  EXPECT_FALSE(work().done(sample));
}

TEST_F(DatasetStepTest, RefusesOtherParametersAfterItWasStopped) {
  commit(work(), "a");
  EXPECT_THROW(work(-50), UsageError) << "some samples have the step with the first";
  work().finish();
  EXPECT_FALSE(work(-50).done(sample));
}

TEST_F(DatasetStepTest, OfOneThatWasStoppedBeforeItDidASampleNothingIsLeft) {
  work(-50);
  EXPECT_THAT(unfinished_commands(root()), IsEmpty());
  commit(work(), "a");
  EXPECT_THAT(unfinished_commands(root()), ElementsAre("mask_thresholding"));
}

TEST_F(DatasetStepTest, SkipsOnlyAsTheStoppedCommandDid) {
  auto skipping = [&](bool skip) { return DatasetStep(root(), root(), step(), {sample}, skip); };
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

TEST_F(DatasetStepTest, MadeAnewNoSampleHasAStoppedStep) {
  commit(work(), "a");
  put_unfinished(root(), "run");
  forget_overtaken(root(), false);
  EXPECT_THAT(unfinished_commands(root()), ElementsAre("mask_thresholding", "run"));
  SampleRecord anew = record();
  anew.steps.clear();
  write_record(root(), anew);
  forget_overtaken(root(), false);
  EXPECT_THAT(unfinished_commands(root()), ElementsAre("run"));
  forget_overtaken(root(), true);
  EXPECT_THAT(unfinished_commands(root()), IsEmpty());
}

TEST_F(DatasetStepTest, WhatTheSampleNoLongerHasGoes) {
  commit(work(), "a");
  SampleRecord anew = record();
  anew.files.clear();
  StagedSample staged(root());
  const fs::path other = sample.folder / "TJ_1_pre_mask.nii.gz";
  staged.add_text(other, "b");
  staged.commit(anew);
  EXPECT_FALSE(fs::exists(root() / text));
  EXPECT_EQ(read_file(root() / other, 10), "b");
}

TEST_F(DatasetStepTest, RefusesWhatAnotherCommandLeftUnfinished) {
  put_unfinished(root(), "confirm_pairs");
  EXPECT_THROW(work(), UsageError);
  EXPECT_THROW(DatasetStep(root(), root() / "other", step(), {sample}), UsageError);
  end_unfinished(root(), "confirm_pairs");
  work().finish();
}

TEST_F(DatasetStepTest, RefusesANoteThatCannotBeRead) {
  work();
  write_file(root() / ".nicohort/unfinished/mask_thresholding.json", "{");
  EXPECT_THROW(work(), UsageError);
}

TEST_F(DatasetStepTest, GivesFilesTheirNamesThatWereOnlyRecorded) {
  commit(work(), "a");
  // As if the process had been killed between the record and the renaming.
  SampleRecord changed = record();
  changed.files[text.generic_string()] = sha256_of("b");
  fs::path temporary;
  {
    AtomicFile under_way(root() / text);
    temporary = under_way.temporary_path();
  }
  std::ofstream(temporary) << "b";
  write_record(root(), changed);
  EXPECT_TRUE(work().done(sample));
  EXPECT_EQ(read_file(root() / text, 10), "b");
}

TEST_F(DatasetStepTest, IsNotDoneWhereTheFilesAreNotAsRecorded) {
  commit(work(), "a");
  write_file(root() / text, "lost");
  const DatasetStep resumed = work();
  EXPECT_FALSE(resumed.done(sample));
  commit(resumed, "b");
  EXPECT_THAT(record().steps, SizeIs(1));
}

TEST_F(DatasetStepTest, DoesNotWriteOverADamagedRecord) {
  write_file(record_path(root(), sample.id), "{");
  EXPECT_THROW(commit(work(), "a"), BadInput);
  EXPECT_FALSE(fs::exists(root() / text));
  EXPECT_EQ(read_file(record_path(root(), sample.id), 10), "{");
}

TEST_F(DatasetStepTest, IntoAnotherFolderItKeepsTheHistoryAndListsItsOwnFiles) {
  DatasetStep first = work();
  commit(first, "a");
  first.finish();
  const fs::path other = root() / "other";
  DatasetStep second(root(), other, step(0), {sample});
  StagedSample staged(other);
  staged.add_text("b", "b");
  second.commit(staged, sample, second.step());
  EXPECT_THAT(unfinished_commands(other), ElementsAre("mask_thresholding"));
  second.finish();
  EXPECT_THAT(unfinished_commands(other), IsEmpty());
  EXPECT_THAT(read_record(other, sample.id)->steps, SizeIs(2));
  EXPECT_THAT(read_checksums(other), ElementsAre(Pair("b", sha256_of("b"))));
}

}  // namespace
}  // namespace nicohort
