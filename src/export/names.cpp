#include "export/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

#include "table/unicode.hpp"

namespace nicohort {
namespace {

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.';
}

// The image of the sample whose file has this name but for case.
ExportImage image_called(const ExportPlan& plan, std::size_t sample, const std::string& lower) {
  const auto images = plan.images_of(sample);
  return *std::find_if(images.begin(), images.end(),
                       [&](const ExportImage& image) { return lower_case(image.target) == lower; });
}

}  // namespace

std::string numbered_name(const ExportOptions& options, const Recipe& recipe,
                          const NumberedNames& format) {
  if (options.dataset_id < 1 || options.dataset_id > format.most)
    throw UsageError(
        fmt::format("this format needs --dataset_id, a number from 1 to {}", format.most));
  const auto is_allowed = [&](char c) { return is_plain(c) || (c == '_' && format.underscores); };
  std::string name = options.dataset_name;
  if (name.empty()) {
    name = recipe.name();
    std::replace_if(name.begin(), name.end(), std::not_fn(is_allowed),
                    format.underscores ? '_' : '-');
  }
  if (name.empty()) throw UsageError("the recipe has no name for the dataset; give --dataset_name");
  if (!std::all_of(name.begin(), name.end(), is_allowed) || name.front() == '.')
    throw UsageError(
        fmt::format("--dataset_name {}: use the letters A to Z and digits, `-`{} and `.`", name,
                    format.underscores ? ", `_`" : ""));
  return fmt::format("{}{:0{}}_{}", format.prefix, options.dataset_id, format.most < 100 ? 2 : 3,
                     name);
}

std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const auto normal = [](const auto& path) {
    return std::filesystem::absolute(path).lexically_normal();
  };
  return normal(file).lexically_relative(normal(folder)).generic_string();
}

void require_distinct_ids(const ExportCohort& cohort, Findings& findings) {
  std::unordered_map<std::string, const ExportSample*> seen;
  for (const ExportSample& sample : cohort.samples) {
    const auto [other, is_new] = seen.emplace(lower_case(sample.id), &sample);
    if (!is_new)
      findings.add(sample.id, ProblemKind::layout,
                   fmt::format("and {} differ only in case, which some file systems treat as the "
                               "same; change the recipe's `id`",
                               other->second->id));
  }
}

void require_distinct_files(const ExportPlan& plan, const ExportCohort& cohort,
                            Findings& findings) {
  std::set<std::string> told;
  for (const Problem& problem : findings.report().problems())
    if (problem.kind == ProblemKind::layout) told.insert(problem.subject);
  std::set<std::string> texts;
  for (const ExportText& text : plan.texts)
    if (const std::string target = text.target.generic_string();
        !texts.insert(lower_case(target)).second && told.empty())
      findings.add(target, ProblemKind::layout,
                   "two tables or indices of the export would have this name; change the names in "
                   "the recipe that it is made of");
  if (!plan.images_of) return;
  std::unordered_map<std::string, std::size_t> seen;  // the sample of each file
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const ExportSample& sample = cohort.samples[i];
    if (sample.channels.size() != cohort.channels.size()) continue;  // a finding of its own
    for (const ExportImage& image : plan.images_of(i)) {
      const auto [first, is_new] = seen.emplace(lower_case(image.target), i);
      if (is_new || told.contains(sample.id)) continue;
      const ExportImage other = image_called(plan, first->second, first->first);
      findings.add(
          sample.id, ProblemKind::layout,
          fmt::format(
              "{} would be {} in the export, and {} would be {}{}; rename one of the "
              "channels in the recipe, or change its `id`",
              image.sources.front().file, image.target, other.sources.front().file,
              other.target == image.target ? "the same" : other.target,
              other.target == image.target ? "" : ", which some file systems treat as the same"));
    }
  }
}

void refuse_new_labels(const ExportLabels& labels, Findings& findings) {
  if (labels.new_labels)
    findings.add(
        "labels", ProblemKind::unmapped_label,
        "with --zero_copy the masks are used where they are, and cannot get new numbers; leave "
        "out --zero_copy");
}

}  // namespace nicohort
