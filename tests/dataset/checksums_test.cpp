#include "dataset/checksums.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/record.hpp"
#include "dataset/same_scans.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::bytes_of;
using nicohort::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

void put_record(const TemporaryFolder& folder, const std::string& id, const std::string& sha256) {
  SampleRecord record;
  record.id = id;
  record.folder = "TJ/" + id;
  record.files[id + "_info.yaml"] = sha256;
  write_file(OwnFolder(folder.path()).record(id), record_text(record));
}

TEST(Checksums, are_of_samples_and_tables) {
  TemporaryFolder folder;
  put_record(folder, "A", sha256_of("a"));
  write_file(OwnFolder(folder.path()).dataset_file(), text_of(DatasetFile{}));
  write_checksums(folder.path());
  for (const char* table : {"m.xlsx", "splits/s.xlsx"}) {
    write_file(folder.path() / table, table);
    list_table(folder.path() / table);
  }
  EXPECT_THAT(
      read_checksums(folder.path()),
      ElementsAre(Pair("TJ/A/A_info.yaml", sha256_of("a")), Pair("m.xlsx", sha256_of("m.xlsx")),
                  Pair("splits/s.xlsx", sha256_of("splits/s.xlsx"))));
  fs::remove(folder.path() / "splits/s.xlsx");
  put_record(folder, "A", sha256_of("b"));
  list_table(folder.path() / "m.xlsx");
  EXPECT_THAT(read_checksums(folder.path()), ElementsAre(Pair("TJ/A/A_info.yaml", sha256_of("b")),
                                                         Pair("m.xlsx", sha256_of("m.xlsx"))));
}

TEST(Checksums, of_a_table_outside_any_dataset_are_not_listed) {
  TemporaryFolder folder;
  write_file(folder.path() / "m.xlsx", "m");
  list_table(folder.path() / "m.xlsx");
  EXPECT_FALSE(fs::exists(folder.path() / ".nicohort"));
}

RC_GTEST_PROP(Checksums, keep_every_name, ()) {
  const auto id = "A" + *rc::gen::container<std::string>(
                            rc::gen::element('a', ' ', '\\', '\n', '\r', 'n', '"', '*'));
  TemporaryFolder folder;
  put_record(folder, id, sha256_of("a"));
  write_checksums(folder.path());
  RC_ASSERT(read_checksums(folder.path()) ==
            (Checksums{{"TJ/" + id + "/" + id + "_info.yaml", sha256_of("a")}}));
}

TEST(Checksums, are_right_if_they_say_just_what_is_on_record) {
  TemporaryFolder folder;
  put_record(folder, "A", sha256_of("a"));
  put_record(folder, "B\n", sha256_of("b"));
  EXPECT_FALSE(is_list_right(folder.path())) << "there is none";
  write_checksums(folder.path());
  EXPECT_TRUE(is_list_right(folder.path()));
  const fs::path list = OwnFolder(folder.path()).checksums();
  const std::string text = bytes_of(list);
  for (const std::string& other : {text + "x\n", text.substr(0, text.size() - 1),
                                   text.substr(text.find('\n') + 1), "a" + text}) {
    write_file(list, other);
    EXPECT_FALSE(is_list_right(folder.path())) << other;
  }
  write_file(list, text);
  put_record(folder, "A", sha256_of("c"));
  EXPECT_FALSE(is_list_right(folder.path()));
}

// By path, whatever the order of the IDs.
TEST(Checksums, of_tables_stand_among_those_of_samples) {
  TemporaryFolder folder;
  for (const auto& [id, below] : {std::pair("A", "TJ/post/A"), std::pair("B", "TJ/A/B")}) {
    SampleRecord record;
    record.id = id;
    record.folder = below;
    record.files[std::string(id) + "_info.yaml"] = sha256_of(id);
    write_file(OwnFolder(folder.path()).record(id), record_text(record));
  }
  DatasetFile tables;
  for (const char* table : {"A.xlsx", "TJ/b.xlsx", "z.xlsx"}) tables.tables[table] = sha256_of("t");
  write_file(OwnFolder(folder.path()).dataset_file(), text_of(tables));
  write_checksums(folder.path());
  std::vector<std::string> paths;
  std::istringstream lines(bytes_of(OwnFolder(folder.path()).checksums()));
  for (std::string line; std::getline(lines, line);) paths.push_back(line.substr(66));
  EXPECT_THAT(paths, ElementsAre("A.xlsx", "TJ/A/B/B_info.yaml", "TJ/b.xlsx",
                                 "TJ/post/A/A_info.yaml", "z.xlsx"));
}

TEST(Checksums, are_missing_while_a_command_that_writes_them_at_its_end_writes_tables) {
  TemporaryFolder folder;
  const OwnFolder own(folder.path());
  write_file(own.dataset_file(), text_of(DatasetFile{}));
  write_checksums(folder.path());
  write_file(folder / "m.xlsx", "m");
  auto at_end = std::make_unique<ChecksumsAtEnd>(folder / ".");
  list_table(folder / "m.xlsx");
  EXPECT_FALSE(fs::exists(own.checksums())) << "it would not have the table";
  EXPECT_THAT(read_dataset_file(folder.path()).tables, ElementsAre(Pair("m.xlsx", sha256_of("m"))));
  list_table(folder / "m.xlsx");  // there is no list to remove
  at_end.reset();
  list_table(folder / "m.xlsx");
  EXPECT_TRUE(is_list_right(folder.path()));
}

TEST(Checksums, are_written_with_a_table_also_where_a_command_was_stopped) {
  TemporaryFolder folder;
  const OwnFolder own(folder.path());
  write_file(own.dataset_file(), text_of(DatasetFile{}));
  write_file(own.unfinished(), "{}");
  write_file(folder / "m.xlsx", "m");
  list_table(folder / "m.xlsx");
  EXPECT_TRUE(is_list_right(folder.path()));
}

TEST(Checksums, that_are_damaged_or_a_link_are_told_as_such) {
  TemporaryFolder folder;
  const fs::path list = OwnFolder(folder.path()).checksums();
  EXPECT_THAT(read_checksums(folder.path()), IsEmpty());
  write_file(list, "0123  a\n");
  EXPECT_THROW(read_checksums(folder.path()), BadInput);
  fs::remove(list);
  fs::create_symlink("/dev/null", list);
  EXPECT_THROW(read_checksums(folder.path()), BadInput);
}

TEST(SameScans, name_each_other) {
  const auto problems = same_scans(
      {{"A", {{"", "1"}}}, {"B", {{"", "2"}}}, {"C", {{"", "1"}}}, {"D", {{"", ""}}}, {"E", {}}});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].subject, "A");
  EXPECT_THAT(problems[0].what, HasSubstr("as C,"));
  EXPECT_EQ(problems[1].subject, "C");
  EXPECT_THAT(same_scans({{"A", {{"", "1"}}}}), IsEmpty());
  EXPECT_THAT(same_scans({{"A", {{"", "1", 0, true}}}, {"B", {{"", "1", 0, true}}}}), IsEmpty());
}

TEST(SameScans, name_some_of_very_many) {
  std::vector<FingerprintedSample> samples;
  for (int i = 10; i < 30; ++i) samples.push_back({std::to_string(i), {{"", "1"}}});
  const auto problems = same_scans(samples);
  ASSERT_EQ(problems.size(), 20U);
  EXPECT_THAT(problems[2].what, HasSubstr("as 10, 11, 13, 14, 15, 16, 17, 18, 19, 20 and 9 more,"));
  samples.resize(11);
  EXPECT_THAT(same_scans(samples)[10].what,
              HasSubstr("as 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,"));
}

TEST(SameScans, are_found_by_any_channel_and_within_a_sample) {
  const auto problems = same_scans({{"A", {{"T1", "1"}, {"T2", "2"}}},
                                    {"B", {{"T1", "3"}, {"T2", "1"}}},
                                    {"C", {{"T1", "4"}, {"T2", "4"}}}});
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].subject, "A");
  EXPECT_THAT(problems[0].what, HasSubstr("as B,"));
  EXPECT_EQ(problems[1].subject, "B");
  EXPECT_EQ(problems[2].subject, "C");
  EXPECT_THAT(problems[2].what, HasSubstr("in the channels T1 and T2"));
}

}  // namespace
}  // namespace nicohort
