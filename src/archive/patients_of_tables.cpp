#include "archive/patients_of_tables.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/wording.hpp"
#include "table/folded.hpp"

namespace nicohort {
namespace {

// As tables call the patient, without spaces and case.
bool is_called_patient(const std::string& column) {
  std::string name = folded(column);
  std::erase(name, '_');
  for (const std::string_view suffix : {"id", "number", "no", "code", "name"})
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
      break;
    }
  return name == "patient" || name == "subject" || name == "participant";
}

}  // namespace

void tell_patients_of_tables(const std::set<PartValues>& samples, const SampleColumns& columns,
                             const Recipe& recipe, Listener& listener) {
  const auto site = recipe.part_index("site");
  for (std::size_t c = 0; c < columns.names().size(); ++c) {
    if (!is_called_patient(columns.names()[c])) continue;
    std::set<std::string> all;
    // Of a site, and a value of the column. Numbers of another site are other people's.
    std::map<std::pair<std::string, std::string>, std::set<std::string>> patients;
    for (const PartValues& sample : samples) {
      const std::string value = to_text(columns.of(sample)[c]), patient = recipe.patient(sample);
      if (value.empty()) continue;
      all.insert(patient);
      patients[{site ? sample[*site] : "", value}].insert(patient);
    }
    if (patients.size() * 10 < all.size()) continue;
    std::erase_if(patients, [](const auto& of_value) { return of_value.second.size() < 2; });
    if (patients.empty()) continue;
    const auto& [key, first] = *patients.begin();
    listener.warning(fmt::format(
        "The column `{}` has the same value for several patients of the recipe: {} for {}{}. If "
        "it says who the patient is, a split can put one patient into two subsets. The recipe's "
        "`patient` is made of parts of paths: give the images, or links to them, names that "
        "contain the patient, and name this part there.",
        columns.names()[c], key.second, some_of({first.begin(), first.end()}, 3),
        patients.size() == 1
            ? ""
            : fmt::format(" (and {} like this)", counted(patients.size() - 1, "more value"))));
  }
}

}  // namespace nicohort
