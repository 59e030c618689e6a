// What a dataset still has of an earlier time when samples have been made anew.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

// Whether there are samples on record, with a folder, that are not among the `known`. Of these
// sites each is reported: the patient may have been taken out of the archive on purpose. Other
// sites may have an archive of their own.
bool report_older_samples(const std::filesystem::path& dataset, const std::set<std::string>& sites,
                          const std::set<std::string>& known, Report& report);

}  // namespace nicohort
