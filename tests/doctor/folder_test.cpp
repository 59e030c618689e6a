#include "doctor/folder.hpp"

#include <gmock/gmock.h>
#include <sys/file.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {
using namespace std::chrono_literals;
using nicohort::testing::TemporaryFolder;
using nicohort::testing::TestDisk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Check& check_named(const Checks& checks, const std::string& name) {
  return *std::find_if(checks.begin(), checks.end(),
                       [&](const Check& check) { return check.name == name; });
}

TEST(CheckFolder, of_a_local_disk_is_good_and_leaves_nothing) {
  const TemporaryFolder folder;
  const Checks checks = check_folder(folder.path());
  for (const char* name : {"folder", "renaming", "writing a file", "file names"})
    EXPECT_EQ(check_named(checks, name).grade, Grade::good) << name;
  EXPECT_THAT(check_named(checks, "links").found, HasSubstr("hard links, symbolic links"));
  EXPECT_THAT(folder.files(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(CheckFolder, without_file_locks_is_weak) {
  const TemporaryFolder folder;
  const TestDisk disk(
      [](const TestDisk::Call& call, int) { return call.name == "flock" ? ENOLCK : 0; });
  const Checks checks = check_folder(folder.path());
  EXPECT_EQ(check_named(checks, "file locks").grade, Grade::weak);
  EXPECT_THAT(check_named(checks, "file locks").found, HasSubstr("No locks available"));
  EXPECT_THAT(check_named(checks, "file locks").remedy, HasSubstr("lease files"));
}

// As some network disks do where locks are switched off.
class GrantsAll : public Disk {
 public:
  GrantsAll() { replace_disk(this); }
  ~GrantsAll() override { replace_disk(nullptr); }
  int flock(int /*descriptor*/, int /*operation*/) override { return 0; }
};
TEST(CheckFolder, with_locks_that_exclude_nobody_is_unsafe) {
  const TemporaryFolder folder;
  const GrantsAll disk;
  EXPECT_EQ(check_named(check_folder(folder.path()), "file locks").grade, Grade::unsafe);
}

TEST(CheckFolder, that_cannot_be_written_to_is_unsafe_and_left_as_it_was) {
  for (const char* failing : {"mkdir", "fsync", "rename", "write"}) {
    const TemporaryFolder folder;
    const TestDisk disk(
        [&](const TestDisk::Call& call, int) { return call.name == failing ? EROFS : 0; });
    const Checks checks = check_folder(folder.path());
    EXPECT_EQ(checks.back().grade, Grade::unsafe) << failing;
    EXPECT_THAT(checks.back().remedy, HasSubstr("Read-only")) << failing;
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << failing;
  }
}

TEST(CheckFolder, that_is_not_there_is_an_error) {
  EXPECT_THROW(check_folder("/no/such/folder"), UsageError);
}

TEST(CheckSpace, is_weak_if_little_room_or_few_files_are_left) {
  EXPECT_EQ(check_space(3'800'000'000, 100'000, true).grade, Grade::good);
  EXPECT_THAT(check_space(3'800'000'000, 100'000, true).found, HasSubstr("about 100 CT scans"));
  EXPECT_EQ(check_space(999'000'000, 100'000, true).grade, Grade::weak);
  EXPECT_EQ(check_space(3'800'000'000, 500, true).grade, Grade::weak);
  EXPECT_EQ(check_space(3'800'000'000, 0, false).grade, Grade::good);  // btrfs has no such number
}

TEST(CheckFlush, is_weak_if_it_takes_long) {
  EXPECT_EQ(check_flush(2ms).grade, Grade::good);
  EXPECT_EQ(check_flush(80ms).grade, Grade::weak);
  EXPECT_THAT(check_flush(80ms).found, HasSubstr("80 ms"));
}

}  // namespace
}  // namespace nicohort
