// The problems that all commands left of a cohort.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recipe/recipe.hpp"
#include "report/cohort_report.hpp"

namespace nicohort {

// From all `*.problems.csv` in the root of a cohort and in its folders descriptor and grouped, each
// problem once. Throws BadInput that blames a file that cannot be read.
std::vector<ReportedProblem> read_problems(const std::filesystem::path& root);

// The ID, among those of the samples, of which a problem's subject is: an ID itself, a patient
// (`TJ_0012`), or a file of the archive or the dataset. Empty if there is none.
std::string sample_of(const std::string& subject, const Recipe& recipe,
                      const std::vector<ReportedSample>& samples);

}  // namespace nicohort
