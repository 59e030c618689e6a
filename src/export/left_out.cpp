#include "export/left_out.hpp"

#include <fmt/format.h>

#include <string_view>
#include <unordered_set>

#include "base/wording.hpp"
#include "dataset/review.hpp"
#include "split/make_split.hpp"

namespace nicohort {

void leave_out_tests_of_trained_patients(ExportCohort& cohort, Listener& listener) {
  if (cohort.used.use != SplitUse::none) return;
  std::unordered_set<std::string> trained;
  for (const ExportSample& sample : cohort.samples)
    if (!cohort.is_test(sample)) trained.insert(sample.patient);
  std::vector<std::string> left_out;
  std::erase_if(cohort.samples, [&](const ExportSample& sample) {
    if (!cohort.is_test(sample) || !trained.contains(sample.patient)) return false;
    left_out.push_back(sample.id);
    return true;
  });
  if (!left_out.empty())
    listener.summary(fmt::format(
        "{} left out: {} no mask, and other samples of the {} are for training: {}.",
        counted(left_out.size(), "sample"), left_out.size() == 1 ? "it has" : "they have",
        left_out.size() == 1 ? "patient" : "patients", some_of(left_out)));
}

void warn_of_rejected(const ExportCohort& cohort, const std::filesystem::path& manifest,
                      Listener& listener) {
  const std::filesystem::path file = review_beside(manifest);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return;
  std::vector<std::string> exported;
  const auto tell_unread = [&](const std::string& what) {
    listener.warning(
        fmt::format("{}; it is not known whether samples are exported that it rejects", what));
  };
  try {
    const Review review = read_review(file);
    for (const ExportSample& sample : cohort.samples)
      if (const auto verdict = review.find(sample.id);
          verdict != review.end() && verdict->second.verdict == rejected)
        exported.push_back(sample.id);
  } catch (const BadInput& bad) {
    tell_unread(fmt::format("{}: {}", file.string(), bad.what()));
  } catch (const UsageError& missing) {
    tell_unread(missing.what());
  }
  if (!exported.empty())
    listener.warning(fmt::format(
        "{} exported though rejected in {}: {}; a split with exclude_rejected leaves them out",
        counted(exported.size(), "sample") + (exported.size() == 1 ? " is" : " are"), file.string(),
        some_of(exported)));
}

}  // namespace nicohort
