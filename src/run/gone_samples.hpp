// What becomes of the samples of a dataset that the archive does not have as it did.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/parallel.hpp"
#include "dataset/transaction.hpp"
#include "run/make_samples.hpp"
#include "run/plan.hpp"

namespace nicohort {

// Takes out of the dataset in this folder what is gone, but for what a sample of another ID is to
// replace.
void remove_gone(Transaction& dataset, const std::filesystem::path& folder, const Plan& plan,
                 Report& report);

// The same for these, where their successors are there now; else they are left. current: the IDs of
// samples that the dataset has as the archive has them.
void remove_renamed(Transaction& dataset, const std::filesystem::path& folder, Plan& plan,
                    const std::set<std::string>& current, Report& report);

// What cannot be made anew is a problem, unless one of its images is among those that were told.
void tell_left(const std::filesystem::path& dataset, const Plan& plan,
               const std::set<std::string>& told, Report& report);

}  // namespace nicohort
