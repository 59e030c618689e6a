// The routines as steps of a sample's record: the parameters under their options' names.
#pragma once

#include <cstdint>
#include <optional>

#include "base/gzip.hpp"
#include "cohort/label_names.hpp"
#include "mask/run_mask.hpp"
#include "record/sample_record.hpp"
#include "step/denoise.hpp"
#include "step/threshold.hpp"

namespace nicohort {

Step confirm_step(Compression compression);

Step threshold_step(Window window, Compression compression);
Step with_counts(Step step, std::int64_t thresholded);

Step extract_step(const LabelNames& names, Compression compression);
// Voxels of each label, by its name.
Step with_counts(Step step, const LabelNames& names, const LabelMask& mask);

Step denoise_step(const DenoiseParameters& parameters, const std::optional<Window>& window,
                  Compression compression);
Step with_counts(Step step, const Cleaning& changes);

// The window that the mask was thresholded with, if it was.
std::optional<Window> window_on(const SampleRecord& record);

// What a recorded step did to the mask, or all of them together.
Cleaning cleaning_by(const Step& step);
Cleaning cleaning_on(const SampleRecord& record);

}  // namespace nicohort
