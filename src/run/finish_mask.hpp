// The end of every change of a mask, from the archive's or from the dataset's: the steps are done,
// the mask and its binary masks are written, the record says what was found.
#pragma once

#include "dataset/record.hpp"
#include "dataset/transaction.hpp"
#include "deflate/gzip_writer.hpp"
#include "step/step.hpp"

namespace nicohort {

// `fast`, `balanced`, `small`
std::string name_of(Compression compression);

// Does the steps, and enters them, the labels, the voxels of each value and the problems of the
// mask into the record, which has the original voxels.
void do_steps(const Steps& steps, MaskState& state, Values& values, SampleRecord& record);

// Adds `{ID}_mask.nii.gz` and, if there are labels, the binary mask of each, and of each group.
void add_masks(StagedSample& staged, const SampleFiles& files, const MaskState& state,
               Compression compression);

}  // namespace nicohort
