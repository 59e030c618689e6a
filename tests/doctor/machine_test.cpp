#include "doctor/machine.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {
using nicohort::testing::TemporaryFolder;
using ::testing::HasSubstr;

constexpr std::uint64_t GiB = std::uint64_t{1} << 30U;

const Check& found(const Checks& checks, const std::string& name) {
  return *std::find_if(checks.begin(), checks.end(),
                       [&](const Check& check) { return check.name == name; });
}

TEST(ThisMachine, is_the_one_that_the_test_runs_on) {
  const Machine machine = this_machine();
  EXPECT_GT(machine.cores, 0);
  EXPECT_EQ(machine.memory / 4096 * 4096,
            static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE));
  EXPECT_GT(machine.open_files, 0U);
}

TEST(ThisMachine, has_the_lowest_limit_of_the_cgroups_that_it_is_in) {
  const TemporaryFolder root;
  root.write("proc/meminfo", "MemTotal:       8388608 kB\nMemFree: 1 kB\n");
  root.write("proc/self/cgroup", "0::/slurm/job_1/step_0\n");
  root.write("sys/fs/cgroup/slurm/job_1/step_0/memory.max", "max\n");
  root.write("sys/fs/cgroup/slurm/job_1/memory.max", "2147483648\n");
  root.write("sys/fs/cgroup/slurm/memory.max", "4294967296\n");
  root.write("sys/fs/cgroup/slurm/job_1/step_0/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/slurm/cpu.max", "150000 100000\n");
  const Machine machine = this_machine(root.path());
  EXPECT_EQ(machine.memory, 8 * GiB);
  EXPECT_EQ(machine.memory_limit, 2 * GiB);
  EXPECT_DOUBLE_EQ(machine.cpus, 1.5);
}

TEST(ThisMachine, has_the_limits_of_cgroups_of_version_1) {
  const TemporaryFolder root;
  root.write("proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/\n");
  root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "400000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  const Machine machine = this_machine(root.path());
  EXPECT_EQ(machine.memory_limit, GiB);
  EXPECT_DOUBLE_EQ(machine.cpus, 4);
}

TEST(CheckMachine, has_nothing_against_a_usual_one) {
  for (const Check& check : check_machine({8, 0, 32 * GiB, 0, 1024, true}))
    EXPECT_EQ(check.grade, Grade::good) << check.name;
}

TEST(CheckMachine, names_the_jobs_for_which_there_are_cores_and_memory) {
  const Checks checks = check_machine({64, 2, 256 * GiB, 2 * GiB, 1024, true});
  EXPECT_EQ(found(checks, "cores").grade, Grade::weak);
  EXPECT_THAT(found(checks, "cores").remedy, HasSubstr("--jobs 2"));
  EXPECT_EQ(found(checks, "memory").grade, Grade::weak);
  EXPECT_THAT(found(checks, "memory").remedy, HasSubstr("--jobs 8"));
  EXPECT_EQ(found(check_machine({2, 1.9, GiB, 0, 1024, true}), "cores").grade, Grade::good);
}

TEST(CheckMachine, says_what_is_missing) {
  const Checks checks = check_machine({1, 0, GiB, 0, 64, false});
  EXPECT_EQ(found(checks, "open files").grade, Grade::unsafe);
  EXPECT_EQ(found(checks, "processor").grade, Grade::weak);
}

TEST(BytesText, has_three_digits) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(1500), "1.5 kB");
  EXPECT_EQ(bytes_text(25'276'510'208), "25.3 GB");
  EXPECT_EQ(bytes_text(3'000'000'000'000), "3 TB");
}

}  // namespace
}  // namespace nicohort
