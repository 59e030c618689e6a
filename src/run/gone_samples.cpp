#include "run/gone_samples.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/listener.hpp"

namespace nicohort {
namespace {

void remove_sample(Transaction& dataset, const SampleRecord& record, const Plan& plan,
                   Report& report) {
  try {
    tell(dataset.remove(record), record.id, report.listener());
    report.listener().summary(fmt::format("{} removed: {}.", record.id, plan.why_gone(record)));
  } catch (const BadInput& bad) {
    report.add(problem_of(bad, record.id));
  }
}

}  // namespace

void remove_gone(Transaction& dataset, const Plan& plan, Report& report) {
  for (const SampleRecord& record : plan.gone)
    if (!plan.renamed.contains(record.id)) remove_sample(dataset, record, plan, report);
}

void remove_renamed(Transaction& dataset, Plan& plan, const std::vector<SampleOutcome>& outcomes,
                    Report& report) {
  std::set<std::string> current;
  for (const auto& [record, is_current] : outcomes)
    if (is_current) current.insert(record.id);
  for (const SampleRecord& record : plan.gone) {
    const auto successor = plan.renamed.find(record.id);
    if (successor == plan.renamed.end()) continue;
    if (current.contains(successor->second))
      remove_sample(dataset, record, plan, report);
    else
      plan.left.push_back(record);
  }
}

void tell_left(const Plan& plan, const std::set<std::string>& told, Report& report) {
  for (const Problem& problem : plan.damaged) report.add(problem);
  for (const SampleRecord& record : plan.left) {
    if (!record.is_written()) continue;
    if (std::any_of(record.inputs.begin(), record.inputs.end(),
                    [&](const InputFile& image) { return told.contains(image.path); }))
      tell_left(record, report.listener());
    else
      report.add(problem_of_left(record));
  }
}

}  // namespace nicohort
