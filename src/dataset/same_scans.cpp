#include "dataset/same_scans.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace nicohort {

std::vector<Problem> same_scans(const std::vector<std::pair<std::string, std::string>>& volumes) {
  std::map<std::string, std::vector<std::string>> ids;
  for (const auto& [id, hash] : volumes)
    if (!hash.empty()) ids[hash].push_back(id);
  std::vector<Problem> problems;
  for (const auto& [id, hash] : volumes) {
    if (hash.empty() || ids[hash].size() < 2) continue;
    std::vector<std::string> others = ids[hash];
    std::erase(others, id);
    problems.push_back(
        {id, ProblemKind::duplicate_scan,
         fmt::format(
             "has the same voxel values as {}, so data can leak between patients and subsets; find "
             "out to whom the scan belongs and remove the others from the archive",
             fmt::join(others, ", "))});
  }
  return problems;
}

}  // namespace nicohort
