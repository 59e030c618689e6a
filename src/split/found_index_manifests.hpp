// Index manifests in a folder, and whether each has the rows that its split has now.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "table/table.hpp"

namespace nicohort {

struct WrongIndexManifest {
  std::filesystem::path file;
  Problem problem;
};

// Each is `{split}_{A_B}` and has its split's rows of the subsets A and B. There may be many and
// large splits, so they are compared with one after the other.
class FoundIndexManifests {
 public:
  // manifest: the workbook that has the splits. without: files that are known to be right.
  FoundIndexManifests(const std::filesystem::path& folder, std::filesystem::path manifest,
                      const std::vector<std::filesystem::path>& without = {});

  std::size_t size() const { return files_.size(); }

  // A worksheet of the manifest.
  void compare_with(const std::string& split, const Table& rows);

  // Those that have other rows than their split.
  std::vector<WrongIndexManifest> differing() const;
  // Those of none of the splits that were compared, or that cannot be read.
  std::vector<WrongIndexManifest> unknown() const;

 private:
  struct File {
    std::filesystem::path path;
    bool is_of_split = false;             // of one that it was compared with
    std::optional<Problem> problem = {};  // that was found then
  };
  void compare(File& file, const std::string& split, const Table& rows) const;

  std::filesystem::path manifest_;
  std::vector<File> files_;
};

}  // namespace nicohort
