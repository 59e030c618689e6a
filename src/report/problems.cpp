#include "report/problems.hpp"

#include <algorithm>
#include <map>

#include "base/below.hpp"
#include "dataset/outcome.hpp"
#include "table/problem_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view ending = ".problems.csv";

// The routine that leaves a file of this name.
std::string routine_of(const std::string& file, ProblemKind kind) {
  std::string stem = file.substr(0, file.size() - ending.size());
  // Beside an output; the dataset's manifest has the problems of its splits, too.
  if (stem.starts_with("archive_manifest.")) return "gen_archive_manifest";
  if (stem.starts_with("small_connected_region_")) return "small_connected_region_detect";
  if (stem.starts_with("dataset_manifest."))
    return kind == ProblemKind::split ? "make_split" : "gen_dataset_manifest";
  return stem;
}

std::vector<fs::path> problem_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error))
    if (entry->path().filename().string().ends_with(ending)) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<ReportedProblem> read_problems(const fs::path& root) {
  std::vector<ReportedProblem> problems;
  std::map<std::pair<std::string, std::string>, std::size_t> known;  // and where it is
  // A run leaves all its problems in the root, and some also where the single commands do, without
  // what becomes of the sample.
  for (const char* folder : {"descriptor", "grouped", "."})
    for (const fs::path& file : problem_files(root / folder)) {
      for (Problem& problem : blaming(file.string(), [&] {
             require_below(root / folder, file, "folder");
             return read_problem_file(file);
           })) {
        const auto [at, is_new] = known.emplace(
            std::pair(problem.subject, without_outcome(problem).what), problems.size());
        if (!is_new) {
          std::string& what = problems[at->second].problem.what;
          if (problem.what.size() > what.size()) what = std::move(problem.what);
          continue;
        }
        problems.push_back(
            {routine_of(file.filename().string(), problem.kind), std::move(problem), {}});
      }
    }
  return problems;
}

std::string sample_of(const std::string& subject, const Recipe& recipe,
                      const std::vector<ReportedSample>& samples) {
  auto find = [&](const std::string& id) {
    auto found = std::lower_bound(samples.begin(), samples.end(), id,
                                  [](const ReportedSample& sample, const std::string& other) {
                                    return sample.info.id < other;
                                  });
    return found != samples.end() && found->info.id == id ? id : std::string();
  };
  if (std::string id = find(subject); !id.empty()) return id;
  if (auto key = recipe.parse_image_path(subject)) return find(recipe.sample_id(key->parts));
  for (const fs::path& part : fs::path(subject))
    if (std::string id = find(part.string()); !id.empty()) return id;
  for (const ReportedSample& sample : samples)
    if (!subject.empty() && sample.patient == subject) return sample.info.id;
  return {};
}

}  // namespace nicohort
