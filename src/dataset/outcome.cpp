#include "dataset/outcome.hpp"

namespace nicohort {

std::string outcome_text(bool is_kept) {
  return is_kept ? "; the dataset keeps the sample as it was made before"
                 : "; the sample is left out";
}

Problem without_outcome(Problem problem) {
  for (const bool is_kept : {false, true})
    if (const std::string outcome = outcome_text(is_kept); problem.what.ends_with(outcome))
      problem.what.resize(problem.what.size() - outcome.size());
  return problem;
}

}  // namespace nicohort
