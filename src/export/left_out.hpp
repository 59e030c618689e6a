// Samples that an export should perhaps not have.
#pragma once

#include <filesystem>

#include "base/listener.hpp"
#include "export/cohort.hpp"

namespace nicohort {

// Without a split, samples without a mask are test cases. Leaves out those of patients who have
// others for training, and tells it.
void leave_out_tests_of_trained_patients(ExportCohort& cohort, Listener& listener);

// Warns of samples that the review beside this manifest rejects.
void warn_of_rejected(const ExportCohort& cohort, const std::filesystem::path& manifest,
                      Listener& listener);

}  // namespace nicohort
