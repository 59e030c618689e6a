#include "dataset/dataset_recipe.hpp"

#include <gmock/gmock.h>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace {
namespace fs = std::filesystem;
using nicohort::testing::message_of;
using nicohort::testing::TemporaryFolder;
using ::testing::HasSubstr;

const std::string one = "name: one\nvolume: \"{pid}.nii.gz\"\n",
                  other = "name: other\nvolume: \"{pid}.nii.gz\"\n";

TEST(DatasetRecipe, is_the_one_that_the_dataset_keeps) {
  const TemporaryFolder folder;
  EXPECT_EQ(load_dataset_recipe(folder.path()).name(), load_recipe().name());
  const fs::path given = folder.write("given.yaml", one);
  EXPECT_EQ(load_dataset_recipe(folder.path(), given).name(), "one");
  write_file(OwnFolder(folder.path()).recipe(), one);
  EXPECT_EQ(load_dataset_recipe(folder.path()).name(), "one");
  EXPECT_EQ(load_dataset_recipe(folder.path(), given).name(), "one") << "the same";
}

TEST(DatasetRecipe, another_one_is_wrong_usage) {
  const TemporaryFolder folder;
  const fs::path given = folder.write("given.yaml", other);
  write_file(OwnFolder(folder.path()).recipe(), one);
  EXPECT_THAT(message_of<UsageError>([&] { load_dataset_recipe(folder.path(), given); }),
              HasSubstr("was made with another recipe"));
}

TEST(DatasetRecipe, of_another_layout_and_with_other_comments_is_the_same) {
  const TemporaryFolder folder;
  const fs::path given = folder.write("given.yaml", "# mine\n" + one + "\n\nsteps: []\n");
  write_file(OwnFolder(folder.path()).recipe(), one + "steps: []  # none\n");
  EXPECT_EQ(load_dataset_recipe(folder.path(), given).name(), "one");
  folder.write("given.yaml", "# mine\n" + one);
  EXPECT_THROW(load_dataset_recipe(folder.path(), given), UsageError);
}

TEST(DatasetRecipe, a_link_is_not_followed) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("elsewhere.yaml", one);
  fs::create_directories(OwnFolder(folder.path()).path());
  fs::create_symlink(file, OwnFolder(folder.path()).recipe());
  EXPECT_THROW(load_dataset_recipe(folder.path()), UsageError);
}

}  // namespace
}  // namespace nicohort
