#include "archive/volume_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/wording.hpp"

namespace nicohort {

VolumeChoice choose_volumes(const std::vector<std::string>& paths,
                            const std::set<PartValues>& samples, const SampleColumns& columns,
                            const Recipe& recipe, Report& report, const SampleOutcome& outcome) {
  std::map<PartValues, std::vector<std::string>> volumes;
  for (const std::string& path : paths) {
    const auto key = recipe.parse_image_path(path);
    if (key && !key->is_mask && samples.contains(key->parts)) volumes[key->parts].push_back(path);
  }
  VolumeChoice choice;
  std::size_t others = 0;
  const std::string& column = recipe.choose()->text();
  for (const auto& [sample, there] : volumes) {
    const auto named = recipe.choose()->fill(columns.values_of(sample));
    const std::string path =
        named ? std::filesystem::path(*named).lexically_normal().generic_string() : "";
    if (std::find(there.begin(), there.end(), path) != there.end()) {
      choice.paths.emplace(sample, path);
      others += there.size() - 1;
      continue;
    }
    choice.failed.insert(sample);
    report.add(
        recipe.sample_id(sample), ProblemKind::incomplete,
        (named ? fmt::format("has {}, but none is `{}`, which `choose: \"{}\"` gives: correct "
                             "the metadata",
                             counted(there.size(), "volume"), *named, column)
               : fmt::format("has {}, but no value for `choose: \"{}\"`, which says which of "
                             "them to use: add it to the metadata",
                             counted(there.size(), "volume"), column)) +
            outcome(sample, Lacking::volume));
  }
  if (others > 0)
    report.listener().summary(
        fmt::format("{} left out by the recipe's `choose`.", counted(others, "volume")));
  return choice;
}

}  // namespace nicohort
