// The names of a mask's labels.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nicohort {

// Names by label; fit for file names.
using LabelNames = std::map<std::uint8_t, std::string>;

// The name as it can stand in a file name: `right kidney` is `right_kidney`.
std::string file_name_form(std::string name);

// Whether a column of paths that ends in this name would be taken for one that says whether a mask
// is there: `mask_01_EsoROI_existence`.
bool is_existence_name(const std::string& name);

// The label of this name, whatever stands in it that cannot be in a file name.
std::optional<std::uint8_t> label_named(const LabelNames& labels, const std::string& name);
// The label of this name, or else of this number (0 needs no name). Nothing if there is none.
std::optional<std::uint8_t> find_label(const LabelNames& labels, const std::string& text);

// What `of` of a step can be beside names of labels.
inline const std::string all_but_background = "foreground";

// Which labels are meant by these names or numbers; `foreground` is all but 0. All must be known.
std::array<bool, 256> labels_named(const LabelNames& labels, const std::vector<std::string>& names);

// Labels that are also cut as one binary mask, and its name, fit for file names.
struct LabelGroup {
  std::string name;
  std::vector<std::uint8_t> labels;
  std::array<bool, 256> chosen() const;
  bool operator==(const LabelGroup&) const = default;
};
using LabelGroups = std::vector<LabelGroup>;

// `01_EsoROI`
std::string label_text(std::uint8_t label, const std::string& name);
// `mask_01_EsoROI`: the end of a binary mask's file name and its column in the manifests.
std::string mask_column(std::uint8_t label, const std::string& name);

}  // namespace nicohort
