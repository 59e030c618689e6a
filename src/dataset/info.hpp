// `{ID}_info.yaml`: who a sample is, and what else is known of it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dataset/layout.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

using NamedParts = std::vector<std::pair<std::string, std::string>>;

struct SampleInfo {
  std::string id;
  NamedParts parts;    // in the recipe's order
  std::string subset;  // the folder of the sample's folder, `TJ/pre`; may be empty
  std::vector<std::pair<std::string, Cell>> attributes;  // in the manifest's order

  // Empty for a part that it has not.
  const std::string& part(const std::string& name) const;
  // Of a part or an attribute, as text; empty where it has neither.
  std::string column(const std::string& name) const;
};

// What the keys of info files mean that are not attributes.
struct InfoKeys {
  std::vector<std::string> parts;
  std::set<std::string> optional;  // parts that can be empty
  bool has_subset = true;          // `subset` is the folder of the sample's folder
};
InfoKeys info_keys(const Recipe& recipe);

std::string info_text(const SampleInfo& info);
// keys: of the dataset's recipe. Throws BadInput if the text is no info file or lacks the ID or a
// part, or has nothing for a part that cannot be empty.
SampleInfo parse_info(const std::string& text, const InfoKeys& keys);
// That of a sample of a dataset. Throws BadInput with its path below the dataset as subject, also
// if it is another sample's.
SampleInfo read_info(const std::filesystem::path& dataset, const SampleFiles& sample,
                     const InfoKeys& keys);

}  // namespace nicohort
