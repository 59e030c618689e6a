// `{ID}_info.yaml`: who a sample is, and what else is known of it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "dataset/layout.hpp"
#include "table/table.hpp"

namespace nicohort {

using NamedParts = std::vector<std::pair<std::string, std::string>>;

struct SampleInfo {
  std::string id;
  NamedParts parts;    // `site`, `phase`, `pid`, as the recipe orders them
  std::string subset;  // the folder of the sample's folder, `TJ/pre`; may be empty
  std::vector<std::pair<std::string, Cell>> attributes;  // in the manifest's order

  // Empty for a part that it has not.
  const std::string& part(const std::string& name) const;
};

std::string info_text(const SampleInfo& info);
// part_names: those that the dataset's recipe has. Throws BadInput if the text is no info file or
// lacks the ID or a part.
SampleInfo parse_info(const std::string& text, const std::vector<std::string>& part_names);
// That of a sample of a dataset. Throws BadInput with its path below the dataset as subject, also
// if it is another sample's.
SampleInfo read_info(const std::filesystem::path& dataset, const SampleFiles& sample,
                     const std::vector<std::string>& part_names);

}  // namespace nicohort
