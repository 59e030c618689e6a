#include "archive/label_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "base/near_miss.hpp"
#include "base/wording.hpp"

namespace nicohort {
namespace {

constexpr std::size_t most_labels = 5;

}  // namespace

bool LabelFiles::takes(const ImageKey& file) {
  if (!file.is_mask || !recipe_.images().overlap()) return true;
  const auto label = label_named(recipe_.labels(), file.label);
  const bool is_known = label && *label != 0;
  Labels& of_sample = samples_[file.parts];
  (is_known ? of_sample.known : of_sample.others).insert(file_name_form(file.label));
  return is_known;
}

std::set<std::string> LabelFiles::missing_in(const Labels& of_sample) const {
  std::set<std::string> missing;
  for (const auto& [label, name] : recipe_.labels())
    if (label != 0 && !of_sample.known.contains(name)) missing.insert(name);
  return missing;
}

void LabelFiles::tell(Listener& listener) const {
  tell_others(listener);
  tell_missing(listener);
  tell_near_misses(listener);
}

void LabelFiles::tell_others(Listener& listener) const {
  std::size_t files = 0;
  std::set<std::string> labels;
  for (const auto& [parts, of_sample] : samples_) {
    files += of_sample.others.size();
    labels.insert(of_sample.others.begin(), of_sample.others.end());
  }
  if (files > 0)
    listener.summary(fmt::format("{} of {} that the recipe does not have, such as {}, not used.",
                                 counted(files, "mask file"), counted(labels.size(), "label"),
                                 *labels.begin()));
}

void LabelFiles::tell_missing(Listener& listener) const {
  std::map<std::string, std::vector<std::string>> samples_without;  // IDs, by label
  for (const auto& [parts, of_sample] : samples_)
    if (!of_sample.known.empty())
      for (const std::string& label : missing_in(of_sample))
        samples_without[label].push_back(recipe_.sample_id(parts));
  if (samples_without.empty()) return;
  std::vector<std::string> texts;
  for (const auto& [label, ids] : samples_without) {
    if (texts.size() == most_labels) break;
    texts.push_back(ids.size() == 1 ? fmt::format("{} ({})", label, ids.front())
                                    : fmt::format("{} ({}, such as {})", label,
                                                  counted(ids.size(), "sample"), ids.front()));
  }
  const std::size_t more = samples_without.size() - texts.size();
  listener.summary(fmt::format(
      "Labels without a mask file, which are empty in these samples: {}{}.", fmt::join(texts, ", "),
      more == 0 ? "" : fmt::format(", and {}", counted(more, "more label"))));
}

void LabelFiles::tell_near_misses(Listener& listener) const {
  std::map<std::pair<std::string, std::string>, std::size_t> near_misses;
  for (const auto& [parts, of_sample] : samples_) {
    const std::set<std::string> missing = missing_in(of_sample);
    for (const std::string& other : of_sample.others)
      if (const std::string meant = near_miss(other, {missing.begin(), missing.end()});
          !meant.empty())
        ++near_misses[{other, meant}];
  }
  for (const auto& [names, samples] : near_misses)
    listener.warning(fmt::format(
        "the label `{}` of a mask file in {} is not in the recipe, and `{}` has no file there: if "
        "they are the same, correct the name in the recipe or of the file",
        names.first, counted(samples, "sample"), names.second));
}

}  // namespace nicohort
