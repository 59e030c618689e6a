// TotalSegmentator's layout: a folder for each case, with a mask file for each label.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "propose/file_names.hpp"
#include "propose/known_labels.hpp"
#include "propose/layouts.hpp"

namespace nicohort {

std::optional<Draft> propose_label_files(const ArchiveFiles& files) {
  const std::string masks_folder = "segmentations";
  std::string above;  // the folders above the cases
  bool has_above = false;
  std::set<std::string> cases, labels;
  std::map<std::string, std::size_t> volumes;
  std::size_t used = 0;
  for (const std::string& path : files.images) {
    const auto segments = segments_of(path);
    const std::string name = without_image_ending(segments.back());
    if (segments.size() < 2) continue;
    const bool is_mask = segments.size() > 2 && segments[segments.size() - 2] == masks_folder;
    const std::size_t at = segments.size() - (is_mask ? 3 : 2);
    std::string folders;
    for (std::size_t i = 0; i < at; ++i) folders += segments[i] + "/";
    if (!has_above && is_mask) {
      above = folders;
      has_above = true;
    }
    if (is_mask && folders != above) return {};
    ++used;
    cases.insert(segments[at]);
    if (is_mask)
      labels.insert(name);
    else if (folders == above || !has_above)
      ++volumes[name];
  }
  if (labels.size() < 2 || volumes.empty() || used * 2 < files.images.size()) return {};
  const auto volume =
      std::max_element(volumes.begin(), volumes.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (volume->second * 2 < cases.size()) return {};

  Draft draft;
  draft.layout = "TotalSegmentator's layout (a mask file for each label)";
  const std::string folder = pattern_literal(above);
  draft.volumes = {{"", folder + "{pid}/" + pattern_literal(volume->first) + ".nii.gz"}};
  if (volume->first == "ct") draft.unit = "HU";
  const std::vector<std::string> pids(cases.begin(), cases.end());
  draft.parts = {{"pid", {}, expression_for(pids)}};
  draft.pid_prefix = common_prefix(pids);
  draft.mask = folder + "{pid}/" + masks_folder + "/{label}.nii.gz";
  draft.has_label_files = true;
  bool is_known = false;
  draft.labels = number_labels({labels.begin(), labels.end()}, is_known);
  draft.labels.insert(draft.labels.begin(), {0, "background"});
  draft.comments.push_back(is_known
                               ? "The labels have the numbers of TotalSegmentator's task `total`"
                               : "The labels are numbered in the order of their names");
  if (draft.labels.back().first > 255) {
    draft.comments.push_back(
        fmt::format("There are files of {} labels; a mask can have 255. Only the first were taken",
                    labels.size()));
    draft.labels.resize(256);
  }
  draft.comments.push_back(
      "A voxel in two masks is reported, and the sample has no mask then (`overlap: error`); last "
      "and first take the label of the larger or smaller number");
  return draft;
}

}  // namespace nicohort
