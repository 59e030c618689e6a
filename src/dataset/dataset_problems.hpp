// What is wrong with a dataset as a whole, for the commands that tell it and go on.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "dataset/record.hpp"

namespace nicohort {

// A command that was stopped, or is still at work, with samples that are not done.
std::vector<Problem> unfinished_work(const std::filesystem::path& dataset);

// The written samples on record that are not among those found.
std::vector<Problem> lost_samples(const std::vector<SampleRecord>& records,
                                  const std::set<std::string>& found);

// A sentence if not all samples that have a mask were made by the same steps; else empty.
std::string told_of_steps(const std::vector<SampleRecord>& records);

}  // namespace nicohort
