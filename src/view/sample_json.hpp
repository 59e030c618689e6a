// What `/api/samples/{ID}` answers.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "dataset/review.hpp"
#include "view/sample_index.hpp"
#include "view/web_path.hpp"

namespace nicohort {

nlohmann::json verdict_json(const Verdict& verdict);

// `{id, unit, window, volumes, masks: {before, after, labels}, labels, groups, regions, previous,
// next, verdict}` of the sample at this place of the index; docs/review.md explains the parts.
nlohmann::json sample_json(const std::filesystem::path& root, const ViewedArchive& archive,
                           const SampleIndex& index, std::size_t place,
                           const std::optional<Verdict>& verdict);

}  // namespace nicohort
