#include "dataset/moving.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/atomic_file.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using namespace testing;

// Two processes that move a file to one place where a rename is not possible: one was not heard of
// and goes on when the other is there.
TEST(Moving, copies_of_two_processes_do_not_meet) {
  const TemporaryFolder folder;
  const fs::path one = folder.write("one/mask", "of one"),
                 other = folder.write("other/mask", "of the other");
  const fs::path target = folder.write("sample/mask", "before");
  bool has_met = false;
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    if (call.name != "rename") return 0;
    if (!is_temporary(call.path)) return EXDEV;
    if (!std::exchange(has_met, true)) {
      EXPECT_TRUE(move_out(other.parent_path(), other, target));
      EXPECT_EQ(bytes_of(target), "of the other");
    }
    return 0;
  });
  EXPECT_TRUE(move_out(one.parent_path(), one, target));
  EXPECT_TRUE(has_met);
  EXPECT_EQ(bytes_of(target), "of one");
}

TEST(Moving, a_copy_has_the_permissions_of_what_was_to_be_moved) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("own/mask", "new"), target = folder.write("sample/mask", "");
  ::chmod(file.c_str(), 0640);
  const TestDisk disk([&](const TestDisk::Call& call, int) {
    return call.name == "rename" && !is_temporary(call.path) ? EXDEV : 0;
  });
  EXPECT_TRUE(move_out(file.parent_path(), file, target));
  struct stat status {};
  ASSERT_EQ(::stat(target.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640);
}

}  // namespace
}  // namespace nicohort
