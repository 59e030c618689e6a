// Which of several volumes of a sample counts, where a column of the metadata says it (SPEC 5,
// `choose`).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/sample_columns.hpp"
#include "archive/sample_outcome.hpp"

namespace nicohort {

struct VolumeChoice {
  std::map<PartValues, std::string> paths;  // none of a sample that has volumes: failed
  std::set<PartValues> failed;

  bool has(const PartValues& sample, const std::string& path) const {
    const auto chosen = paths.find(sample);
    return chosen != paths.end() && chosen->second == path;
  }
  bool has_failed(const PartValues& sample) const { return failed.contains(sample); }
};

// paths: of all images, as presented. Tells how many volumes were not chosen, and reports the
// samples whose column names none of theirs.
VolumeChoice choose_volumes(const std::vector<std::string>& paths,
                            const std::set<PartValues>& samples, const SampleColumns& columns,
                            const Recipe& recipe, Report& report,
                            const SampleOutcome& outcome = no_outcome);

}  // namespace nicohort
