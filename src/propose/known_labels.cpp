#include "propose/known_labels.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nicohort {
namespace {

// TotalSegmentator's task `total`: the name at index i has the number i + 1.
std::vector<std::string> totalsegmentator_names() {
  std::vector<std::string> names{"spleen",
                                 "kidney_right",
                                 "kidney_left",
                                 "gallbladder",
                                 "liver",
                                 "stomach",
                                 "pancreas",
                                 "adrenal_gland_right",
                                 "adrenal_gland_left",
                                 "lung_upper_lobe_left",
                                 "lung_lower_lobe_left",
                                 "lung_upper_lobe_right",
                                 "lung_middle_lobe_right",
                                 "lung_lower_lobe_right",
                                 "esophagus",
                                 "trachea",
                                 "thyroid_gland",
                                 "small_bowel",
                                 "duodenum",
                                 "colon",
                                 "urinary_bladder",
                                 "prostate",
                                 "kidney_cyst_left",
                                 "kidney_cyst_right",
                                 "sacrum",
                                 "vertebrae_S1"};
  for (const auto& [region, count] : {std::pair{'L', 5}, {'T', 12}, {'C', 7}})
    for (int i = count; i > 0; --i) names.push_back(fmt::format("vertebrae_{}{}", region, i));
  for (const char* name :
       {"heart", "aorta", "pulmonary_vein", "brachiocephalic_trunk", "subclavian_artery_right",
        "subclavian_artery_left", "common_carotid_artery_right", "common_carotid_artery_left",
        "brachiocephalic_vein_left", "brachiocephalic_vein_right", "atrial_appendage_left",
        "superior_vena_cava", "inferior_vena_cava", "portal_vein_and_splenic_vein"})
    names.emplace_back(name);
  for (const char* name :
       {"iliac_artery", "iliac_vena", "humerus", "scapula", "clavicula", "femur", "hip"})
    for (const char* side : {"left", "right"}) names.push_back(fmt::format("{}_{}", name, side));
  names.emplace_back("spinal_cord");
  for (const char* name :
       {"gluteus_maximus", "gluteus_medius", "gluteus_minimus", "autochthon", "iliopsoas"})
    for (const char* side : {"left", "right"}) names.push_back(fmt::format("{}_{}", name, side));
  names.insert(names.end(), {"brain", "skull"});
  for (const char* side : {"left", "right"})
    for (int i = 1; i <= 12; ++i) names.push_back(fmt::format("rib_{}_{}", side, i));
  names.insert(names.end(), {"sternum", "costal_cartilages"});
  return names;
}

}  // namespace

std::vector<std::pair<int, std::string>> number_labels(std::vector<std::string> names,
                                                       bool& is_known) {
  static const std::vector<std::string> known = totalsegmentator_names();
  std::sort(names.begin(), names.end());
  std::vector<std::pair<int, std::string>> numbered;
  for (const std::string& name : names) {
    const auto at = std::find(known.begin(), known.end(), name);
    if (at != known.end()) numbered.emplace_back(at - known.begin() + 1, name);
  }
  is_known = numbered.size() == names.size();
  if (!is_known) {
    numbered.clear();
    for (const std::string& name : names)
      numbered.emplace_back(static_cast<int>(numbered.size()) + 1, name);
  }
  std::sort(numbered.begin(), numbered.end());
  return numbered;
}

}  // namespace nicohort
