// The tables of a BIDS dataset: what is known of patients and of their scans.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "export/cohort.hpp"
#include "export/plan.hpp"

namespace nicohort {

// How one sample is called.
struct BidsName {
  std::string subject, session;  // session: empty where the patients have one scan each
  std::filesystem::path folder() const {
    const std::filesystem::path folder = "sub-" + subject;
    return session.empty() ? folder : folder / ("ses-" + session);
  }
  std::string stem() const { return "sub-" + subject + (session.empty() ? "" : "_ses-" + session); }
};

// Tabs between the cells, `n/a` for empty ones.
std::string bids_tsv(const std::vector<std::vector<std::string>>& rows);

// names: of the cohort's samples. What is the same for all scans of each patient goes to
// participants.tsv, the rest to a sessions.tsv of each, each beside a JSON that describes its
// columns.
void add_bids_tables(ExportPlan& plan, const ExportCohort& cohort,
                     const std::vector<BidsName>& names);

}  // namespace nicohort
