// What a run remembers of itself: when nothing has changed since, the next one has nothing to do.
#pragma once

#include <filesystem>
#include <string>

#include "archive/archive_names.hpp"

namespace nicohort {

class FinishedRun {
 public:
  // Looks at the names, sizes and times of all that a run reads, so before any of it is read. What
  // is behind links to folders is not seen: where they are followed, no run is the last. made_from:
  // what the result depends on beside these files.
  FinishedRun(const std::filesystem::path& root, const ArchiveNames& names, std::string made_from);

  // Whether the last run was of these inputs, and its results are as it left them.
  bool is_the_last() const;
  // This run has come to its end. Nothing is remembered if the inputs changed meanwhile.
  void remember();

 private:
  std::string inputs();
  bool sees_all() const { return !(follows_links_ && has_linked_folders_); }
  std::string inputs_and_results() const;

  std::filesystem::path root_, archive_, dataset_;
  bool follows_links_, has_linked_folders_ = false;
  std::string made_from_, inputs_;
};

}  // namespace nicohort
