#include "propose/draft_matches.hpp"

#include <algorithm>

namespace nicohort {

std::size_t Matches::in_place() const {
  std::size_t count = 0;
  for (const auto& [values, keys] : samples)
    if (has(keys, false) && !has_twice(keys)) count += keys.size();
  return count;
}

Matches matches_of(const Recipe& recipe, const std::vector<std::string>& images) {
  Matches matches;
  std::vector<PartValues> samples_of_masks;
  for (const std::string& path : images) {
    auto key = recipe.parse_image_path(path);
    if (!key) {
      if (recipe.ignores(path))
        ++matches.ignored;
      else
        matches.misfits.push_back(path);
      continue;
    }
    (key->is_mask ? matches.masks : matches.volumes).push_back(path);
    if (key->is_mask) samples_of_masks.push_back(key->parts);
    matches.samples[key->parts].push_back(std::move(*key));
  }
  for (std::size_t i = 0; i < matches.masks.size(); ++i)
    if (has(matches.samples[samples_of_masks[i]], false))
      matches.masks_of_volumes.push_back(matches.masks[i]);
  return matches;
}

bool has(const std::vector<ImageKey>& keys, bool is_mask) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const ImageKey& key) { return key.is_mask == is_mask; });
}

bool has_twice(std::vector<ImageKey> keys) {
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

std::optional<Matches> try_draft(const Draft& draft, const std::vector<std::string>& images) {
  try {
    Matches matches = matches_of(Recipe(recipe_text(draft), proposal_source), images);
    if (!matches.volumes.empty()) return matches;
  } catch (const UsageError&) {  // then it is none
  }
  return {};
}

}  // namespace nicohort
