#include "cli/command.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::TemporaryFolder;

// The lock is gone by then: another command may copy a file into the folder of a sample.
TEST(Finish, leaves_what_others_construct_in_the_folders_of_samples) {
  const TemporaryFolder folder;
  const fs::path of_other = folder.write("TJ/pre/TJ_1_pre/.nicohort-0123.tmp", "half"),
                 left = folder.write(".nicohort-4567.tmp", "half");
  EXPECT_EQ(finish(Report(nobody()), problems_in(folder.path(), "confirm_pairs")), 0);
  EXPECT_TRUE(fs::exists(of_other));
  EXPECT_FALSE(fs::exists(left));
}

}  // namespace
}  // namespace nicohort
