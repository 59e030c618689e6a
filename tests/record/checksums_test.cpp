#include "record/checksums.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "record/same_scans.hpp"
#include "record/sample_record.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

SampleRecord record_of(const std::string& id, const std::string& file, const std::string& sha256) {
  SampleRecord record;
  record.id = id;
  record.files[file] = sha256;
  return record;
}

TEST(Checksums, AreOfSamplesAndTablesAndForgetTablesThatAreGone) {
  TemporaryFolder folder;
  write_record(folder.path(), record_of("A", "A/A_info.yaml", sha256_of("a")));
  list_samples(folder.path());
  for (const char* table : {"m.xlsx", "splits/s.xlsx"}) {
    write_file(folder.path() / table, table);
    list_table(folder.path() / table);
  }
  fs::remove(folder.path() / "splits/s.xlsx");
  write_record(folder.path(), record_of("A", "A/A_info.yaml", sha256_of("b")));
  list_samples(folder.path());
  EXPECT_THAT(read_checksums(folder.path()), ElementsAre(Pair("A/A_info.yaml", sha256_of("b")),
                                                         Pair("m.xlsx", sha256_of("m.xlsx"))));
}

TEST(Checksums, OfATableOutsideAnyDatasetAreNotListed) {
  TemporaryFolder folder;
  write_file(folder.path() / "m.xlsx", "m");
  list_table(folder.path() / "m.xlsx");
  EXPECT_FALSE(fs::exists(folder.path() / ".nicohort"));
}

RC_GTEST_PROP(Checksums, KeepEveryName, ()) {
  const auto name =
      *rc::gen::container<std::string>(rc::gen::element('a', ' ', '\\', '\n', '\r', 'n', '"', '*'));
  const std::string file = "A/" + name + "_info.yaml";
  TemporaryFolder folder;
  write_record(folder.path(), record_of("A", file, sha256_of("a")));
  list_samples(folder.path());
  RC_ASSERT(read_checksums(folder.path()) == (Checksums{{file, sha256_of("a")}}));
}

TEST(Checksums, ThatAreDamagedAreToldAsSuch) {
  TemporaryFolder folder;
  write_file(checksums_path(folder.path()), "0123  a\n");
  EXPECT_THROW(read_checksums(folder.path()), BadInput);
}

TEST(SampleRecord, ThatIsDamagedIsToldAsSuch) {
  TemporaryFolder folder;
  EXPECT_FALSE(read_record(folder.path(), "A"));
  for (const char* text : {"", "{}", "[1]", "{\"id\": 3}"}) {
    write_file(record_path(folder.path(), "A"), text);
    EXPECT_THROW(read_record(folder.path(), "A"), BadInput) << text;
  }
}

TEST(SampleRecord, NamesFilesOfOneFolderOfTheSamplesOnly) {
  TemporaryFolder folder;
  SampleRecord record = record_of("A", "TJ/pre/A/A_info.yaml", "");
  write_record(folder.path(), record);
  EXPECT_TRUE(read_record(folder.path(), "A"));
  for (const char* file :
       {"m.xlsx", "A", "A_info.yaml", "B/A_info.yaml", "TJ/pre/A/../B/B_info.yaml", "../A/x",
        "/A/x", "TJ/post/A/A_info.yaml", "TJ/pre/A/deeper/x", "TJ/pre/A/", ".nicohort/A/x", ""}) {
    SampleRecord planted = record;
    planted.files[file] = "";
    write_record(folder.path(), planted);
    EXPECT_THROW(read_record(folder.path(), "A"), BadInput) << file;
  }
}

TEST(SameScans, NameEachOther) {
  const auto problems = same_scans({{"A", "1"}, {"B", "2"}, {"C", "1"}, {"D", ""}, {"E", ""}});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].subject, "A");
  EXPECT_THAT(problems[0].what, HasSubstr("as C:"));
  EXPECT_EQ(problems[1].subject, "C");
  EXPECT_THAT(same_scans({{"A", "1"}}), IsEmpty());
}

}  // namespace
}  // namespace nicohort
