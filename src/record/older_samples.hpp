// What a dataset still has of an earlier time when samples have been made anew.
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

}  // namespace nicohort
