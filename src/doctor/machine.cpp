#include "doctor/machine.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// A sample with a hundred labels opens as many files; below this even one without is too much.
constexpr std::uint64_t few_files = 256;
// For each sample at work; most need much less.
constexpr std::uint64_t roomy = std::uint64_t{256} << 20U;
constexpr double much_less = 0.75;  // of the cores

std::string first_word(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

// A limit in a file of a cgroup; 0: none, or `max`, or the huge number of version 1.
double limit_in(const fs::path& file) {
  const std::string word = first_word(file);
  constexpr double none = 1e18;
  const double value = word.empty() || word == "max" ? 0 : std::strtod(word.c_str(), nullptr);
  return value > 0 && value < none ? value : 0;
}

void lower(double& limit, double other) {
  if (other > 0 && (limit == 0 || other < limit)) limit = other;
}

double cpus_in(const fs::path& folder) {
  std::string quota;
  double period = 0;
  if (std::ifstream file(folder / "cpu.max"); file >> quota >> period)  // version 2
    return quota == "max" || period <= 0 ? 0 : std::strtod(quota.c_str(), nullptr) / period;
  period = limit_in(folder / "cpu.cfs_period_us");
  return period > 0 ? limit_in(folder / "cpu.cfs_quota_us") / period : 0;
}

// The limits of the process's cgroup and of all that it is in.
void take_limits(Machine& machine, const fs::path& root) {
  double memory = 0;
  std::ifstream groups(root / "proc/self/cgroup");
  // `0::/user.slice` in version 2, `4:cpu,cpuacct:/slurm/job_1` in version 1
  for (std::string line; std::getline(groups, line);) {
    std::istringstream fields(line);
    std::string number, controllers, path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    for (fs::path group = fs::path(path).relative_path();; group = group.parent_path()) {
      const fs::path folder = root / "sys/fs/cgroup" / controllers / group;
      lower(memory, limit_in(folder / "memory.max"));
      lower(memory, limit_in(folder / "memory.limit_in_bytes"));
      lower(machine.cpus, cpus_in(folder));
      if (group.empty()) break;
    }
  }
  machine.memory_limit = static_cast<std::uint64_t>(memory);
}

std::uint64_t memory_of(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string name, unit;
  for (std::uint64_t kib = 0; file >> name >> kib; std::getline(file, unit))
    if (name == "MemTotal:") return kib << 10U;
  return 0;
}

Check check_cores(const Machine& machine) {
  Check check{"cores", fmt::format("{}", machine.cores)};
  if (machine.cpus <= 0) return check;
  check.found += fmt::format(", of which the cgroup gives {:.3g}", machine.cpus);
  if (machine.cpus >= much_less * machine.cores) return check;
  check.grade = Grade::weak;
  check.remedy =
      fmt::format("more samples are processed at a time than there are cores for: use --jobs {}",
                  std::max(1, static_cast<int>(machine.cpus)));
  return check;
}

Check check_memory(const Machine& machine) {
  if (machine.memory == 0) return {"memory", "not known"};
  Check check{"memory", bytes_text(machine.memory)};
  std::uint64_t usable = machine.memory;
  if (machine.memory_limit > 0 && machine.memory_limit < machine.memory) {
    usable = machine.memory_limit;
    check.found += fmt::format(", of which the cgroup gives {}", bytes_text(usable));
  }
  if (usable / std::max(1, machine.cores) >= roomy) return check;
  check.grade = Grade::weak;
  check.remedy = fmt::format(
      "that is little for {} samples at a time, if they are large: if memory runs out, use --jobs "
      "{}, or ask for more memory",
      machine.cores, std::max<std::uint64_t>(1, usable / roomy));
  return check;
}

Check check_open_files(const Machine& machine) {
  Check check{"open files", fmt::format("at most {}", machine.open_files)};
  if (machine.open_files >= few_files) return check;
  check.grade = Grade::unsafe;
  check.remedy =
      "samples with many labels need more, and a command then ends with status 3: raise the limit "
      "(ulimit -Hn, or LimitNOFILE of the service), or use --jobs 1";
  return check;
}

}  // namespace

Machine this_machine(const fs::path& root) {
  Machine machine;
  cpu_set_t set;
  machine.cores = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  machine.memory = memory_of(root);
  take_limits(machine, root);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) machine.open_files = limit.rlim_cur;
  machine.has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  return machine;
}

Checks check_machine(const Machine& machine) {
  Checks checks{check_cores(machine), check_memory(machine), check_open_files(machine)};
  if (!machine.has_sse42)
    checks.push_back({"processor", "has no SSE4.2", Grade::weak,
                      "compressed files may differ from those of other machines, not the images in "
                      "them; to compare datasets byte for byte, use another machine"});
  return checks;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr double kilo = 1000;
  double value = static_cast<double>(bytes);
  for (const char* unit : {"bytes", "kB", "MB", "GB"}) {
    if (value < kilo) return fmt::format("{:.3g} {}", value, unit);
    value /= kilo;
  }
  return fmt::format("{:.3g} TB", value);
}

}  // namespace nicohort
