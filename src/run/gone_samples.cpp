#include "run/gone_samples.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/listener.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

void remove_sample(Transaction& dataset, const fs::path& folder, const OtherSample& sample,
                   const Plan& plan, Report& report) {
  try {
    tell(dataset.remove(record_of(sample, folder)), sample.id, report.listener());
    report.listener().summary(fmt::format("{} removed: {}.", sample.id, plan.why_gone(sample)));
  } catch (const BadInput& bad) {
    report.add(problem_of(bad, sample.id));
  }
}

}  // namespace

void remove_gone(Transaction& dataset, const fs::path& folder, const Plan& plan, Report& report) {
  for (const OtherSample& sample : plan.gone)
    if (!plan.renamed.contains(sample.id)) remove_sample(dataset, folder, sample, plan, report);
}

void remove_renamed(Transaction& dataset, const fs::path& folder, Plan& plan,
                    const std::set<std::string>& current, Report& report) {
  for (const OtherSample& sample : plan.gone) {
    const auto successor = plan.renamed.find(sample.id);
    if (successor == plan.renamed.end()) continue;
    if (current.contains(successor->second))
      remove_sample(dataset, folder, sample, plan, report);
    else
      plan.left.push_back(sample);
  }
}

void tell_left(const fs::path& dataset, const Plan& plan, const std::set<std::string>& told,
               Report& report) {
  for (const Problem& problem : plan.damaged) report.add(problem);
  for (const OtherSample& sample : plan.left) {
    if (!sample.is_written()) continue;
    const auto record = readable_record(dataset, sample.id);
    if (record && std::any_of(record->inputs.begin(), record->inputs.end(),
                              [&](const InputFile& image) { return told.contains(image.path); }))
      tell_left(sample, report.listener());
    else
      report.add(problem_of_left(sample));
  }
}

}  // namespace nicohort
