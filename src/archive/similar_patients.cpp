#include "archive/similar_patients.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/wording.hpp"
#include "table/folded.hpp"

namespace nicohort {
namespace {

// What two patients differ in, by the parts that make them, in the archive.
std::string difference_of_patients(const PartValues& one, const PartValues& other,
                                   const std::vector<std::size_t>& parts) {
  std::vector<std::string> differences;
  for (const std::size_t part : parts)
    if (std::string text = small_difference(one[part], other[part]); !text.empty())
      differences.push_back(std::move(text));
  return fmt::format("{}", fmt::join(differences, " and "));
}

}  // namespace

void tell_similar_patients(const std::set<PartValues>& samples, const Recipe& recipe,
                           const ArchiveNames& names, Listener& listener) {
  const std::vector<std::size_t> parts = recipe.patient_parts();
  // What the recipe lists, or calls a site, is told apart on purpose.
  std::vector<std::size_t> free;
  for (const std::size_t part : parts)
    if (!recipe.parts()[part].has_values() && recipe.parts()[part].name != "site")
      free.push_back(part);
  if (free.empty()) return;
  std::map<std::vector<std::string>, const PartValues*> patients;  // and a sample of each
  for (const PartValues& sample : samples) patients.emplace(recipe.patient_values(sample), &sample);
  using Folded = std::pair<std::vector<std::string>, const PartValues*>;
  std::vector<Folded> all;
  all.reserve(patients.size());
  for (const auto& [values, sample] : patients) {
    PartValues original = names.original(*sample);
    for (const std::size_t part : free) original[part] = folded_spelling(original[part]);
    all.emplace_back(recipe.patient_values(original), sample);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Folded& a, const Folded& b) { return a.first < b.first; });
  std::size_t count = 0, example = 0;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].first == all[i - 1].first && count++ == 0) example = i;
  if (count == 0) return;
  const PartValues &one = *all[example - 1].second, &other = *all[example].second;
  const std::string difference =
      difference_of_patients(names.original(one), names.original(other), free);
  listener.warning(fmt::format(
      "{} and {} count as two patients, although their identifiers differ only by {}{}; if they "
      "are one, rename the files so that the identifiers are the same: otherwise a split can "
      "put the same patient into two subsets.",
      recipe.patient(one), recipe.patient(other), difference,
      count == 1 ? "" : fmt::format(" (and {} like these)", counted(count - 1, "more pair"))));
}

}  // namespace nicohort
