// The labels of an export: their numbers and names as training frameworks want them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/findings.hpp"
#include "export/plan.hpp"
#include "step/labels.hpp"

namespace nicohort {

struct LabelOptions {
  bool relabel = false;           // give labels consecutive numbers
  std::string ignore_label;       // its voxels are not used for training; empty: none
  bool has_ignored_name = false;  // the format takes a label `ignore` for that one
};

struct ExportLabels {
  LabelNames names;                     // consecutive from 0; that of 0 is `background`
  std::optional<std::uint8_t> ignored;  // the highest
  std::optional<NewLabels> new_labels;  // of the dataset's masks, where they change
};

// Findings: labels without names, with holes between their numbers (unless they are relabelled),
// names that differ in case only, a label to be ignored that is not there, or not the highest, one
// that would be ignored by its name alone.
ExportLabels export_labels(const LabelNames& labels, const LabelOptions& options,
                           Findings& findings);

// One value of the training target that is the union of labels (nnU-Net's regions).
struct LabelRegion {
  std::string name;
  std::vector<std::uint8_t> labels;
};

// The groups as regions if some of them overlap, else none: from the largest to the smallest, so
// that each can be painted over those before it, and before them each label that no group has.
// Findings: regions from which a label cannot be told, or of one name. Tells of groups that do not
// overlap, and warns of those that cross: neither contains the other, and no group is their
// overlap.
std::vector<LabelRegion> regions_of(const LabelGroups& groups, const ExportLabels& labels,
                                    Findings& findings);
// For each region a label that it has and no later one does: what it is painted with.
std::vector<std::uint8_t> region_order(const std::vector<LabelRegion>& regions);

}  // namespace nicohort
