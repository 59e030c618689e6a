#include "step/changes.hpp"

#include "mask/sets.hpp"

namespace nicohort {

void count_changes(const LabelMask& before, const LabelMask& after, const LabelNames& labels,
                   StepFindings& findings) {
  std::int64_t removed = 0, filled = 0, relabelled = 0;
  for (const auto& [label, name] : labels) {
    if (label == 0) continue;
    findings.counts["gained " + label_text(label, name)] = 0;
    findings.counts["lost " + label_text(label, name)] = 0;
  }
  for (const auto& [change, voxels] : label_changes(before, after)) {
    const auto& [from, to] = change;
    (to == 0 ? removed : from == 0 ? filled : relabelled) += voxels;
    if (const auto name = labels.find(to); to != 0 && name != labels.end())
      findings.counts["gained " + label_text(to, name->second)] += voxels;
    if (const auto name = labels.find(from); from != 0 && name != labels.end())
      findings.counts["lost " + label_text(from, name->second)] += voxels;
  }
  findings.counts["removed"] = removed;
  findings.counts["filled"] = filled;
  findings.counts["relabelled"] = relabelled;
}

}  // namespace nicohort
