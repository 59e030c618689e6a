#include "step/list_small.hpp"

#include "step/extract.hpp"
#include "step/steps.hpp"

namespace nicohort {

Parameters ListSmall::parameters() {
  return {{.name = "smaller_than",
           .option = "--region_volume_thresh",
           .place = &smaller_than_,
           .help = "Regions smaller than this are listed (mm3)",
           .is_required = true},
          {.name = "of",
           .option = "",
           .place = &of_,
           .help = "Labels whose regions are listed, each looked at alone (default: all, the "
                   "background included)"},
          {.name = "output",
           .option = "--output_manifest",
           .place = &output_,
           .help = "The table to write, .xlsx or .csv",
           .is_recorded = false,
           .is_table = true}};
}

StepFindings ListSmall::apply(MaskState& state, Values&) const {
  if (state.labels.empty())
    throw BadInput(ProblemKind::incomplete, "has no binary masks; run extract_binary_masks first");
  const auto chosen = labels_named(state.labels, of_);
  StepFindings findings;
  for (std::uint8_t label : labels_of(state.labels))
    if (of_.empty() || chosen[label])
      findings.regions.push_back(
          {label, small_regions(state.mask, label, state.geometry, smaller_than_)});
  return findings;
}

StepPtr make_list_small() {
  return std::make_shared<ListSmall>();
}

}  // namespace nicohort
