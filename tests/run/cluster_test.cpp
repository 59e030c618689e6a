#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "run/slurm_script.hpp"
#include "run/status.hpp"

namespace nicohort {
namespace {

using ::testing::HasSubstr;

TEST(Status, names_tasks_as_sbatch_takes_them) {
  EXPECT_EQ(array_text({}), "");
  EXPECT_EQ(array_text({3}), "3");
  EXPECT_EQ(array_text({1, 2, 5, 7, 8, 9, 11}), "1-2,5,7-9,11");
}

TEST(SlurmScript, has_enough_tasks_where_each_has_work_for_minutes) {
  EXPECT_EQ(useful_tasks({6, 100e6}), 1) << "six scans in one";
  EXPECT_EQ(useful_tasks({50'000, 2e12}), 400);
  EXPECT_EQ(useful_tasks({50'000, 1e6}), 10) << "tiny ones take time, too";
}

TEST(SlurmScript, has_no_names_of_two_lines) {
  SlurmOptions options;
  options.run.root_dir = "/two\nlines";
  EXPECT_THROW(slurm_script(options), UsageError);
}

TEST(SlurmScript, leaves_to_sbatch_what_it_needs_itself) {
  for (const char* own : {"--array=1-3", "-a", "--dependency=afterok:1", "--wrap=x"}) {
    SlurmOptions options;
    options.run.root_dir = "/data";
    options.sbatch = {"--partition=long", own};
    EXPECT_THROW(slurm_script(options), UsageError) << own;
  }
  SlurmOptions options;
  options.run.root_dir = "/data/a b";
  options.run.recipe = "acdc";
  options.tasks = 3;
  options.sbatch = {"--comment=x y"};
  const std::string script = slurm_script(options);
  EXPECT_THAT(script, HasSubstr("run --root_dir '/data/a b' --recipe acdc --jobs"));
  EXPECT_THAT(script, HasSubstr("--shard slurm/3"));
  EXPECT_THAT(script, HasSubstr(" '--comment=x y' <<'END'"));
}

}  // namespace
}  // namespace nicohort
