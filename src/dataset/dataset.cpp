#include "dataset/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/below.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/transaction.hpp"
#include "dataset/unfinished.hpp"
#include "table/yaml.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool lies_in(const fs::path& dataset, const fs::path& file) {
  std::error_code error;
  return is_below(fs::weakly_canonical(file, error)
                      .lexically_relative(fs::weakly_canonical(dataset, error))
                      .string());
}

// With nothing decided that is not in place.
std::unique_ptr<DatasetLock> lock_to_read(const fs::path& dataset, const fs::path& table,
                                          Listener& listener) {
  std::error_code error;
  if (!fs::is_directory(OwnFolder(dataset).path(), error)) return nullptr;
  const auto mode =
      lies_in(dataset, table) ? DatasetLock::Mode::alone : DatasetLock::Mode::together;
  for (;;) {
    // Before its own lock, which would be in the way.
    for (const std::string& sentence : recover(dataset, listener)) listener.warning(sentence);
    auto lock = std::make_unique<DatasetLock>(dataset, mode, listener);
    // A command may have been stopped between the two.
    if (!has_decided_changes(dataset)) return lock;
  }
}

// On a disk that can only be read what was decided stays undone; that is told.
std::unique_ptr<DatasetLock> lock_as_it_is(const fs::path& dataset, Listener& listener,
                                           std::vector<Problem>& problems) {
  try {
    return lock_to_read(dataset, {}, listener);
  } catch (const DatasetBusy&) {
    throw;
  } catch (const MachineError& error) {
    if (!has_decided_changes(dataset)) throw;
    problems.push_back(
        {OwnFolder(dataset).commit().lexically_relative(dataset).generic_string(),
         ProblemKind::unfinished_work,
         fmt::format("has committed changes of an interrupted command that are not completed ({}); "
                     "run any nicohort command that can write to the dataset",
                     error.what())});
    return std::make_unique<DatasetLock>(dataset, DatasetLock::Mode::together, listener);
  }
}

// Whether two recipes say the same, in whatever layout and with whatever comments.
bool is_same(const YamlValue& one, const YamlValue& other) {
  return one.kind == other.kind && one.text == other.text && one.is_quoted == other.is_quoted &&
         std::equal(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(),
                    is_same) &&
         std::equal(one.entries.begin(), one.entries.end(), other.entries.begin(),
                    other.entries.end(), [](const YamlEntry& a, const YamlEntry& b) {
                      return a.key == b.key && is_same(a.value, b.value);
                    });
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// Records are in the dataset's own folder: who names one above or below it would go past them.
void require_whole_dataset(const fs::path& root, const std::vector<FoundSample>& samples) {
  std::error_code error;
  if (is_dataset(root)) return;
  std::set<fs::path> folders;
  for (const FoundSample& sample : samples)
    for (const std::string& of_sample : sample.folders)
      for (fs::path folder = fs::path(of_sample).parent_path(); !folder.empty();
           folder = folder.parent_path())
        folders.insert(root / folder);
  for (fs::path folder = fs::canonical(root, error); folder != folder.parent_path();
       folder = folder.parent_path())
    folders.insert(folder.parent_path());
  for (const fs::path& folder : folders)
    if (is_dataset(folder))
      throw UsageError(fmt::format("{}: the dataset is {}; give this folder with --root_dir",
                                   root.string(), folder.string()));
}

// ". 2 symbolic links to folders in it, such as TJ, were not followed: …"; empty: there are none.
std::string links_in(const fs::path& root) {
  std::size_t links = 0;
  std::string example;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_symlink(ignored) || !fs::is_directory(entry->path(), ignored)) continue;
    const std::string name = entry->path().filename().string();
    if (links++ == 0 || name < example) example = name;
  }
  if (links == 0) return "";
  return fmt::format(
      ". {} to folders in it, such as {}, {} not followed: name the folder that contains the "
      "samples themselves",
      counted(links, "symbolic link"), example, links == 1 ? "was" : "were");
}

void require_samples(const fs::path& root, const std::vector<FoundSample>& samples) {
  std::error_code error;
  if (std::none_of(samples.begin(), samples.end(), [](const auto& s) { return s.has_files(); }))
    throw UsageError(fmt::format(
        "{}: {}; --root_dir is the dataset that confirm_pairs or run writes{}", root.string(),
        fs::is_directory(root, error) ? "no samples here" : "no such folder",
        meant_instead_of(root, CohortFolder::dataset) + links_in(root)));
  require_whole_dataset(root, samples);
  for (const FoundSample& sample : samples)
    if (sample.folders.size() > 1)
      throw UsageError(fmt::format(
          "{}: the sample {} has two folders, {} and {}; move one of them out of the dataset",
          root.string(), sample.id, sample.folders[0], sample.folders[1]));
}

void tell_unfinished(Dataset& dataset, DatasetUse use) {
  const auto work = read_unfinished(dataset.root);
  if (!work) return;
  const std::vector<std::string> ids = unfinished_samples(dataset.root, *work);
  if (ids.empty()) {
    if (use == DatasetUse::as_it_is && work->command == "run" &&
        samples_not_done(dataset.root, *work).empty())
      dataset.problems.push_back(
          {work->command, ProblemKind::unfinished_work,
           "has processed all samples, but was interrupted before it had written the manifests and "
           "splits, or is still running; run it again with the same options"});
    return;
  }
  dataset.problems.push_back({work->command, ProblemKind::unfinished_work,
                              fmt::format("was interrupted, or is still running, with {} to do, "
                                          "for example {}; run it again with the same options",
                                          counted(ids.size(), "sample"), ids.front())});
}

void tell_wrong_records(Dataset& dataset) {
  for (const auto* list : {&dataset.samples, &dataset.recorded})
    for (const FoundSample& sample : *list)
      if (sample.damage) dataset.problems.push_back(*sample.damage);
  for (const FoundSample& sample : dataset.recorded)
    if (sample.is_written)
      dataset.problems.push_back(
          {sample.id, ProblemKind::incomplete,
           fmt::format("has a record, but no files; restore its folder. If you removed it on "
                       "purpose, delete .nicohort/{}.json and write the manifest again",
                       sample.id)});
}

// The lists of steps that masks were made with, each with the number of samples and the first one.
class StepLists {
 public:
  void add(const SampleRecord& record) {
    if (!record.is_written() || !record.mask) return;
    std::string steps;
    for (const StepRecord& step : record.steps)
      steps += fmt::format("{} {} {}\n", step.work.name, step.work.version, step.work.parameters);
    ++lists_.try_emplace(std::move(steps), Samples{0, record.id}).first->second.count;
  }

  // A sentence if there is more than one; else empty.
  std::string difference() const {
    if (lists_.size() < 2) return "";
    std::vector<Samples> groups;
    for (const auto& [steps, samples] : lists_) groups.push_back(samples);
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    constexpr std::size_t most_groups = 4;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < std::min(groups.size(), most_groups); ++i)
      parts.push_back(fmt::format("{} ({}{})", counted(groups[i].count, "sample"), groups[i].first,
                                  groups[i].count > 1 ? ", …" : ""));
    return fmt::format(
        "Not all samples were made with the same steps: {}{}. Run the same commands, or nicohort "
        "run, on all of them.",
        fmt::join(parts, ", "), groups.size() > most_groups ? ", and others" : "");
  }

 private:
  struct Samples {
    std::size_t count = 0;
    std::string first;
  };
  std::map<std::string, Samples> lists_;  // by their text
};

}  // namespace

Recipe recipe_of_dataset(const fs::path& dataset, const fs::path& given) {
  const fs::path file = OwnFolder(dataset).recipe();
  std::error_code error;
  const auto status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found) return load_recipe(given);
  if (status.type() != fs::file_type::regular)
    throw UsageError(fmt::format(
        "{}: is not a regular file; replace it by the recipe of the dataset", file.string()));
  Recipe kept = load_recipe(file);
  if (!given.empty() &&
      !is_same(parse_yaml(load_recipe(given).text(), "recipe"), parse_yaml(kept.text(), "recipe")))
    throw UsageError(
        fmt::format("--recipe {}: the dataset {} was made with another recipe ({}); leave --recipe "
                    "out, or make the dataset again with nicohort run",
                    given.string(), dataset.string(), file.string()));
  return kept;
}

Dataset Dataset::open(const fs::path& root, const OpenOptions& options, Listener& listener) {
  std::vector<Problem> problems;
  std::unique_ptr<DatasetLock> lock;
  if (options.use == DatasetUse::finished) {
    lock = lock_to_read(root, options.table, listener);
    require_finished(root);
  } else if (options.use == DatasetUse::as_it_is) {
    lock = lock_as_it_is(root, listener, problems);
  }
  Dataset dataset{
      root,           recipe_of_dataset(root, options.recipe), {}, {}, std::move(problems), "",
      std::move(lock)};
  tell_unfinished(dataset, options.use);
  auto samples = list_samples(root);
  require_samples(root, samples);
  StepLists steps;
  for (FoundSample& sample : samples) {
    if (const auto record = read_record_of(sample, root)) {
      steps.add(*record);
      if (options.look) options.look(*record);
    }
    (sample.has_files() ? dataset.samples : dataset.recorded).push_back(std::move(sample));
  }
  tell_wrong_records(dataset);
  dataset.steps_differ = steps.difference();
  return dataset;
}

Recipe recipe_of_manifest(const fs::path& manifest, const fs::path& given) {
  return recipe_of_dataset(folder_of(manifest), given);
}

std::unique_ptr<DatasetLock> lock_dataset_of(const fs::path& manifest, Listener& listener) {
  const fs::path dataset = folder_of(manifest);
  auto lock = lock_to_read(dataset, manifest, listener);
  if (lock) require_finished(dataset);
  return lock;
}

}  // namespace nicohort
