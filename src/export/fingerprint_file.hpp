// `dataset_fingerprint.json`, which nnU-Net v2 would compute from all images before it plans.
#pragma once

#include <filesystem>

#include "base/listener.hpp"
#include "export/cohort.hpp"
#include "export/plan.hpp"

namespace nicohort {

// In which order the axes of an image are for its reader: as in the file, or as they are closest to
// left–right, posterior–anterior, inferior–superior.
enum class ImageAxes { file, body };

inline constexpr const char* fingerprint_file = "dataset_fingerprint.json";

// Adds the file, of the samples for training, to the plan, with this path. Tells why where there is
// none: a sample of an earlier version, or no foreground at all.
void add_fingerprint(ExportPlan& plan, const std::filesystem::path& file,
                     const ExportCohort& cohort, ImageAxes axes, Listener& listener);

}  // namespace nicohort
