#include "export/channels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/wording.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr double lowest_of_others = -100;  // other volumes than CT seldom have values below it

bool is_called_ct(const std::string& name) {
  const std::string lower = lower_case(name);
  return lower == "ct" || lower.starts_with("ct_") || lower.starts_with("ct-");
}

bool has_unit_hu(const ExportCohort& cohort) {
  return cohort.recipe.intensity().unit == "HU";
}

bool has_low_window(const Recipe& recipe) {
  for (const StepPtr& step : all_steps(recipe.steps()))
    for (const Window& window : step->windows())
      if (std::isfinite(window.low) && window.low < lowest_of_others) return true;
  return false;
}

// How many samples have such values under their masks.
std::size_t count_low(const ExportCohort& cohort) {
  return std::count_if(cohort.samples.begin(), cohort.samples.end(),
                       [](const ExportSample& sample) {
                         return sample.has_mask() && sample.lowest_in_mask < lowest_of_others;
                       });
}

}  // namespace

bool is_ct(const ExportCohort& cohort, std::size_t channel) {
  return is_called_ct(cohort.channels[channel]) ||
         (cohort.channels.size() == 1 && has_unit_hu(cohort));
}

bool all_are_ct(const ExportCohort& cohort) {
  for (std::size_t i = 0; i < cohort.channels.size(); ++i)
    if (!is_ct(cohort, i)) return false;
  return !cohort.channels.empty();
}

void warn_of_unknown_ct(const ExportCohort& cohort, Listener& listener) {
  for (std::size_t i = 0; i < cohort.channels.size(); ++i)
    if (is_ct(cohort, i)) return;
  if (has_unit_hu(cohort)) {
    listener.warning(
        "the volumes are in HU, but none of their channels is called CT, so that all of them will "
        "be normalised as MRI; call those that are CT `CT`, or `CT_arterial` and the like, in the "
        "recipe");
    return;
  }
  if (cohort.channels.size() > 1 || !cohort.recipe.intensity().unit.empty()) return;
  const std::size_t low = count_low(cohort);
  if (low == 0 && !has_low_window(cohort.recipe)) return;
  listener.warning(fmt::format(
      "the recipe gives no unit, so that the volumes will be normalised as MRI, but {}; if they "
      "are "
      "CT, add `intensity: {{unit: HU}}` to the recipe, and run and export again",
      low > 0 ? fmt::format("{} of {} {} values below {} under the mask", low,
                            counted(cohort.samples.size(), "sample"), low == 1 ? "has" : "have",
                            lowest_of_others)
              : "the steps look at values below " + fmt::format("{}", lowest_of_others)));
}

}  // namespace nicohort
