// A change of one sample that is decided: a folder `{dataset}/.nicohort/commit/{token}/{ID}` with
// its new files, its record, and a plan. From here on there are only renames to do, and they can be
// done any number of times (TRANSACTIONS 6 and 7).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dataset/file_state.hpp"
#include "dataset/layout.hpp"

namespace nicohort {

// The names in such a folder, beside those of the sample's files.
inline constexpr const char *plan_name = "plan.json", *staged_record_name = "record.json",
                            *old_record_name = "record.old", *old_ending = ".old";

struct ChangePlan {
  std::string id;
  bool leaves = false;  // the sample goes: nothing is added, its record is removed
  std::string folder;   // of the sample, below the dataset; empty: it has no files
  std::string old_folder;
  std::map<std::string, FileState> inputs;   // by path; for people
  std::map<std::string, FileState> added;    // by name: what is there before, to be replaced
  std::map<std::string, FileState> removed;  // by name, in the old folder
};
std::string plan_text(const ChangePlan& plan);

// Whether a file of a sample can have this name.
bool is_file_name_of(const std::string& id, const std::string& name);
// Throws BadInput unless it is a folder for this sample: below the dataset, with the ID as its last
// name, not through a link.
void require_sample_folder(const std::filesystem::path& dataset, const std::string& folder,
                           const std::string& id);

class DecidedSample {
 public:
  // sha256: of the new record's files, by name.
  DecidedSample(std::filesystem::path dataset, std::filesystem::path place, ChangePlan plan,
                std::map<std::string, std::string> sha256, std::string record);
  // What a stopped command left. Throws MachineError, and has touched nothing, if anything in it is
  // not nicohort's.
  static DecidedSample read(const std::filesystem::path& dataset,
                            const std::filesystem::path& place);

  const std::string& id() const { return plan_.id; }
  // Where it is now that its parent has another name.
  void set_place(std::filesystem::path place) { place_ = std::move(place); }

  // Gives a sentence for each file that was edited since the plan was made: it is left. Throws
  // MachineError, also if the folder is gone: another nicohort took over.
  std::vector<std::string> move_into_place() const;

  // When the folder of records has been flushed.
  void clear() const;

 private:
  void add(const std::string& name, const FileState& planned, std::vector<std::string>& told) const;
  void remove(const std::string& name, const FileState& planned,
              std::vector<std::string>& told) const;
  void move_record() const;
  void remove_empty_folders() const;

  std::filesystem::path dataset_, place_;
  ChangePlan plan_;
  std::map<std::string, std::string> sha256_;
  std::string record_;  // its text; empty: it is in place already
};

}  // namespace nicohort
