#include "record/older_samples.hpp"

#include <fmt/format.h>

#include "record/sample_record.hpp"

namespace nicohort {
namespace fs = std::filesystem;

bool report_older_samples(const fs::path& dataset, const std::set<std::string>& sites,
                          const std::set<std::string>& known, Report& report) {
  bool has_older = false;
  for (const SampleRecord& older : read_records(dataset)) {
    const fs::path folder = sample_folder(older);
    std::error_code error;
    if (known.contains(older.id) || folder.empty() || !sites.contains(folder.begin()->string()) ||
        !fs::exists(dataset / folder, error))
      continue;
    has_older = true;
    report.add(older.id,
               fmt::format("is in the dataset from an earlier time and was not made anew: mend it "
                           "in the archive and start again, or take it out, {} and "
                           ".nicohort/{}.json",
                           folder.generic_string(), older.id));
  }
  return has_older;
}

void report_lost_samples(const fs::path& dataset, const std::set<std::string>& found,
                         Report& report) {
  for (const std::string& id : record_ids(dataset))
    if (!found.contains(id))
      report.add(id, fmt::format("has a record and no files: bring its folder back, or, if it was "
                                 "taken out on purpose, remove .nicohort/{}.json and write the "
                                 "manifest again",
                                 id));
}

}  // namespace nicohort
