// What a dataset, or its records, still have of an earlier time.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

// Reports the samples on record, with a folder, that are of these sites and not among the `known`:
// the patient may have been taken out of the archive on purpose. Other sites may have an archive of
// their own. Gives whether there are any.
bool report_older_samples(const std::filesystem::path& dataset, const std::set<std::string>& sites,
                          const std::set<std::string>& known, Report& report);

// Reports the samples on record that are not among these.
void report_lost_samples(const std::filesystem::path& dataset, const std::set<std::string>& found,
                         Report& report);

}  // namespace nicohort
