#include "run/slurm_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "archive/scan.hpp"
#include "base/problem.hpp"
#include "base/shell_word.hpp"
#include "base/wording.hpp"
#include "recipe/built_in_recipes.hpp"
#include "run/cohort_run.hpp"
#include "run/finish_mask.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// One core makes a sample of so many bytes in about two minutes, from a fast disk; the smallest
// takes as long as one of bytes_at_least.
constexpr double bytes_of_useful_task = 5e9, bytes_at_least = 1e6;

// Works from any folder on any machine.
std::string absolute_name(const fs::path& path) {
  return fs::absolute(path).lexically_normal().string();
}

bool is_built_in(const std::string& recipe) {
  try {
    built_in_recipe(recipe);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

// Throws UsageError for what would be two lines of the script.
std::string script_word(const std::string& word) {
  if (word.find('\n') != std::string::npos)
    throw UsageError(fmt::format("`{}`: a name of two lines cannot be in a script", word));
  return shell_word(word);
}

class Words {
 public:
  explicit Words(std::string text) : text_(std::move(text)) {}
  void add(const std::string& option, const std::string& value) {
    text_ += " " + option + " " + script_word(value);
  }
  void add_path(const std::string& option, const fs::path& path) {
    if (!path.empty()) add(option, absolute_name(path));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string run_command(const SlurmOptions& options) {
  const RunOptions& run = options.run;
  Words words(script_word(options.program) + " run");
  words.add_path("--root_dir", run.root_dir);
  words.add_path("--archive", run.archive);
  if (is_built_in(run.recipe.string()))
    words.add("--recipe", run.recipe.string());
  else
    words.add_path("--recipe", run.recipe);
  words.add_path("--pseudonymize", run.pseudonyms.key);
  words.add_path("--pseudonym_map", run.pseudonyms.map);
  if (run.compression != Compression::balanced)
    words.add("--compression", name_of(run.compression));
  if (!run.volume_type.empty()) words.add("--volume_type", run.volume_type);
  return words.take() + (run.allow_removal ? " --allow_removal" : "") + " --jobs " +
         (options.jobs > 0 ? std::to_string(options.jobs) : "\"${SLURM_CPUS_PER_TASK:-1}\"");
}

// As words behind `sbatch`.
std::string sbatch_options(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) {
    const std::string name = option.substr(0, option.find('='));
    for (const char* own : {"--array", "-a", "--dependency", "-d", "--parsable", "--wrap"})
      if (name == own)
        throw UsageError(
            fmt::format("{}: the script uses this option of sbatch itself; leave it out", option));
    text += " " + script_word(option);
  }
  return text;
}

}  // namespace

std::string slurm_script(const SlurmOptions& options) {
  constexpr const char* script = R"(#!/bin/sh
# Made by nicohort slurm. It submits {tasks} to Slurm, each for a shard of the samples, and a last
# job, which starts when all of them have ended and writes the tables and the report.
#
#   sh job.sh          submits all of it
#   sh job.sh 3,7-9    submits these tasks again, and the last job
#
# If samples are missing because a task died, the last job names the tasks to submit again and ends
# with exit status 3. Samples that are done are not done again.
set -eu

tasks=$(sbatch --parsable --job-name=nicohort --array="${{1:-1-{count}}}"{sbatch} <<'END'
#!/bin/sh
status=0
{run} --shard slurm/{count} || status=$?
# 1: done, but some files have problems, which the last job lists.
[ "$status" -ne 1 ] || status=0
exit "$status"
END
)
tasks=${{tasks%%;*}}

last=$(sbatch --parsable --job-name=nicohort-last --dependency="afterany:$tasks"{sbatch} <<'END'
#!/bin/sh
{program} status --root_dir {root} --tasks {count} || exit 3
exec {run}
END
)
echo "Submitted the tasks as job $tasks and the last job as ${{last%%;*}}."
)";
  return fmt::format(
      fmt::runtime(script),
      fmt::arg("tasks", counted(static_cast<std::size_t>(options.tasks), "task")),
      fmt::arg("count", options.tasks), fmt::arg("sbatch", sbatch_options(options.sbatch)),
      fmt::arg("run", run_command(options)), fmt::arg("program", script_word(options.program)),
      fmt::arg("root", script_word(absolute_name(options.run.root_dir))));
}

ArchiveSize size_of_archive(const RunOptions& options) {
  const Recipe recipe = load_recipe(options.recipe);
  ArchiveNames names = archive_names(folder_of_archive(options), recipe, options.pseudonyms);
  if (!options.archive.empty()) names.follow_links();
  const ArchiveListing listing = list_images(names, recipe, "--root_dir or --archive");
  ArchiveSize size;
  std::set<std::string> ids;
  for (const std::string& image : listing.images) {
    const auto key = recipe.parse_image_path(image);
    if (!key || !recipe.is_wanted(key->parts)) continue;
    ids.insert(recipe.sample_id(key->parts));
    std::error_code error;
    const auto bytes = fs::file_size(names.locate(image), error);
    if (!error) size.bytes += static_cast<double>(bytes);
  }
  size.samples = ids.size();
  return size;
}

int useful_tasks(const ArchiveSize& size) {
  const double work = std::max(size.bytes, static_cast<double>(size.samples) * bytes_at_least);
  return static_cast<int>(std::clamp(work / bytes_of_useful_task, 1.0, 1e6));
}

}  // namespace nicohort
