// Is what a record says of a mask so?
#pragma once

#include <string>
#include <vector>

#include "dataset/record.hpp"
#include "mask/run_mask.hpp"

namespace nicohort {

// What is not, in words: the voxels of each label, a binary mask for each label, and the small
// regions that were listed last. Regions that were listed before a later step cannot be compared.
std::vector<std::string> wrong_in_record(const SampleRecord& record, const LabelMask& mask,
                                         const Geometry& geometry);

}  // namespace nicohort
