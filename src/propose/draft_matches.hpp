// What the patterns of a draft match.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "propose/draft.hpp"

namespace nicohort {

// What messages call a draft as a recipe.
inline constexpr const char* proposal_source = "proposal";

struct Matches {
  std::map<PartValues, std::vector<ImageKey>> samples;
  std::vector<std::string> volumes, masks, misfits;  // paths
  // Masks that are of a sample with a volume.
  std::vector<std::string> masks_of_volumes;
  std::size_t ignored = 0;

  std::size_t out_of_place() const { return volumes.size() + masks.size() - in_place(); }
  // Images of samples that have a volume and no image twice.
  std::size_t in_place() const;
};
Matches matches_of(const Recipe& recipe, const std::vector<std::string>& images);

bool has(const std::vector<ImageKey>& keys, bool is_mask);
bool has_twice(std::vector<ImageKey> keys);

// Of a draft of the patterns alone. Nothing if they are no recipe, or match no volume.
std::optional<Matches> try_draft(const Draft& draft, const std::vector<std::string>& images);

}  // namespace nicohort
