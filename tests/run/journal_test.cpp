#include "run/journal.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using testing::bytes_of;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using testing::TemporaryFolder;

Outcome some_outcome(std::int64_t corrected) {
  Outcome outcome;
  outcome.parameters = "thresh -140 1000";
  outcome.inputs = {{"images/男 \"1\".nii.gz", 12345, 1'700'000'000'123'456'789, "ab12"}};
  outcome.outputs = {{"grouped/TJ_1_pre_mask.nii.gz", 77, 5, "cd34"}};
  outcome.written = true;
  outcome.confirmation = {{"TJ_1_pre", "moved by more than half a voxel"}};
  outcome.extraction = {{"TJ_1_pre", "has the value 7"}};
  outcome.corrected = corrected;
  outcome.volume_header = "5c010000";
  outcome.has_mask = true;
  outcome.labels = {{1, true, {{3, 0.1, {1, 2, 3}, {-0.1, 1e-300, 4}}}, {}}, {2, false, {}, {}}};
  return outcome;
}

FileRecord some_file(const std::string& path) {
  return {path, 4096, 1'700'000'000'000'000'001, ""};
}

Header some_header() {
  Header header;
  header.geometry.size = {512, 400, 30};
  header.geometry.spacing = {0.1, 0.8, 1.0 / 3};
  header.geometry.spacing_is_float = false;
  header.geometry.affine(0, 3) = -123.456789012345678;
  header.type = DataType::int16;
  return header;
}

TablesRecord some_tables() {
  return {"fingerprint", {some_file("descriptor/archive_manifest.xlsx")}, {{"TJ_1", "is alone"}}};
}

void expect_same(const std::optional<Outcome>& read, const Outcome& expected) {
  ASSERT_TRUE(read);
  EXPECT_EQ(json_of(*read), json_of(expected));
}

void expect_same(const std::optional<Header>& read, const Header& expected) {
  ASSERT_TRUE(read);
  EXPECT_EQ(read->geometry.size, expected.geometry.size);
  EXPECT_EQ(read->geometry.spacing, expected.geometry.spacing);
  EXPECT_EQ(read->geometry.spacing_is_float, expected.geometry.spacing_is_float);
  EXPECT_EQ(read->geometry.affine, expected.geometry.affine);
  EXPECT_EQ(read->type, expected.type);
}

void expect_same(const std::optional<TablesRecord>& read, const TablesRecord& expected) {
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fingerprint, expected.fingerprint);
  EXPECT_EQ(read->outputs, expected.outputs);
  EXPECT_EQ(read->problems, expected.problems);
}

std::ptrdiff_t lines_of(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST(Journal, IsEmptyBeforeTheFirstRun) {
  const TemporaryFolder folder;
  const Journal journal(folder / "state/run.jsonl");
  EXPECT_THAT(journal.samples(), IsEmpty());
  EXPECT_FALSE(journal.sample("TJ_1_pre") || journal.tables() || journal.header(some_file("a")));
}

TEST(Journal, KnowsTheNextTimeWhatItWasTold) {
  const TemporaryFolder folder;
  const auto file = folder / "state/run.jsonl";
  {
    Journal journal(file);
    journal.put_sample("TJ_1_pre", some_outcome(1));
    journal.put_sample("TJ_2_pre", some_outcome(2));
    journal.put_sample("TJ_1_pre", some_outcome(3));
    journal.put_sample("TJ_3_pre", some_outcome(4));
    journal.remove_sample("TJ_3_pre");
    journal.put_tables(some_tables());
  }
  const Journal journal(file);
  EXPECT_EQ(journal.samples().size(), 2u);
  expect_same(journal.sample("TJ_1_pre"), some_outcome(3));
  expect_same(journal.sample("TJ_2_pre"), some_outcome(2));
  expect_same(journal.tables(), some_tables());
}

TEST(Journal, ForgetsTheTables) {
  const TemporaryFolder folder;
  Journal journal(folder / "run.jsonl");
  journal.put_tables(some_tables());
  journal.forget_tables();
  EXPECT_FALSE(journal.tables());
  EXPECT_FALSE(Journal(folder / "run.jsonl").tables());
}

// The line is cut off at every byte, as a crash may do; what comes behind it counts all the same.
TEST(Journal, PassesOverALineThatWasCutOff) {
  const TemporaryFolder folder;
  const auto file = folder / "run.jsonl";
  Journal(file).put_sample("TJ_1_pre", some_outcome(1));
  const std::string first = bytes_of(file);
  Journal(file).put_sample("TJ_1_pre", some_outcome(2));
  const std::string both = bytes_of(file);
  ASSERT_THAT(both, StartsWith(first));
  // Without its newline the last line is whole.
  for (std::size_t length = first.size(); length < both.size() - 1; ++length) {
    folder.write("run.jsonl", both.substr(0, length));
    Journal journal(file);
    expect_same(journal.sample("TJ_1_pre"), some_outcome(1));
    journal.put_sample("TJ_2_pre", some_outcome(5));
    const Journal next(file);
    expect_same(next.sample("TJ_1_pre"), some_outcome(1));
    expect_same(next.sample("TJ_2_pre"), some_outcome(5));
  }
}

TEST(Journal, PassesOverLinesThatAreNotItsOwn) {
  const TemporaryFolder folder;
  folder.write("run.jsonl",
               "\nnull\n[1]\n\"text\"\n{\"sample\": 7}\n{\"sample\": \"A\", \"outcome\": {}}\n"
               "{\"file\": {}, \"header\": {}}\n{\"tables\": 1}\n\xff\xfe\n");
  Journal journal(folder / "run.jsonl");
  EXPECT_THAT(journal.samples(), IsEmpty());
  EXPECT_FALSE(journal.tables());
  journal.put_sample("TJ_1_pre", some_outcome(1));
  expect_same(Journal(folder / "run.jsonl").sample("TJ_1_pre"), some_outcome(1));
}

TEST(Journal, CompactKeepsALineAKey) {
  const TemporaryFolder folder;
  const auto file = folder / "run.jsonl";
  {
    Journal journal(file);
    for (int i = 0; i < 5; ++i) journal.put_sample("TJ_1_pre", some_outcome(i));
    journal.put_sample("TJ_2_pre", some_outcome(2));
    journal.remove_sample("TJ_2_pre");
    journal.put_tables({"older", {}, {}});
    journal.put_tables(some_tables());
    journal.put_header(some_file("images/a.nii.gz"), some_header());
    journal.put_header(some_file("images/b.nii.gz"), some_header());
    journal.compact();
  }
  EXPECT_EQ(lines_of(bytes_of(file)), 4);  // two headers, a sample, the tables
  Journal journal(file);
  EXPECT_EQ(journal.samples().size(), 1u);
  expect_same(journal.sample("TJ_1_pre"), some_outcome(4));
  expect_same(journal.tables(), some_tables());
  expect_same(journal.header(some_file("images/a.nii.gz")), some_header());

  journal.compact();  // b was not asked for this time: its file may be gone
  const Journal next(file);
  EXPECT_TRUE(next.header(some_file("images/a.nii.gz")));
  EXPECT_FALSE(next.header(some_file("images/b.nii.gz")));
}

TEST(Journal, AHeaderIsThatOfTheFileAsItWas) {
  const TemporaryFolder folder;
  Journal journal(folder / "run.jsonl");
  journal.put_header(some_file("images/a.nii.gz"), some_header());
  FileRecord changed = some_file("images/a.nii.gz");
  ++changed.changed;
  EXPECT_FALSE(journal.header(changed));
  expect_same(journal.header(some_file("images/a.nii.gz")), some_header());
}

TEST(Journal, NamesThatAreNotUtf8) {
  const TemporaryFolder folder;
  Journal journal(folder / "run.jsonl");
  Outcome outcome = some_outcome(1);
  outcome.inputs[0].path = "images/\xff.nii.gz";
  journal.put_sample("TJ_1_pre", outcome);
  EXPECT_TRUE(Journal(folder / "run.jsonl").sample("TJ_1_pre"));
}

}  // namespace
}  // namespace nicohort
