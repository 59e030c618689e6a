#include "export/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "table/unicode.hpp"

namespace nicohort {
namespace {

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.';
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

void refuse_new_labels(const ExportLabels& labels, Findings& findings) {
  if (labels.new_labels)
    findings.add(
        "labels", ProblemKind::unmapped_label,
        "with --zero_copy the masks are used where they are, and cannot get new numbers; leave "
        "out --zero_copy");
}

}  // namespace nicohort
