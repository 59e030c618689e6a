// Commands that are at work on a dataset, or were stopped before they had done all of it: each has
// a note, `{dataset}/.nicohort/unfinished/{command}.json`, until it is done. What it leaves is half
// of one state and half of another, and no other command may take that for a dataset.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/archive_sample.hpp"
#include "record/sample_record.hpp"

namespace nicohort {

struct OwedSample {
  std::string site;
  std::size_t before = 0;  // how often in a row it had had the command's step
};

struct Note {
  std::string command;
  std::map<std::string, OwedSample> owed;  // what the command set out to do, by ID

  // Of one that works on the masks of a dataset:
  std::optional<Step> step = {};  // without counts
  std::string source = {};        // the dataset whose masks it reads; empty: this one
  bool skip_existing = false;
  bool replaces_begun = false;  // it does anew what it had begun with other options
};

// The commands that are not done, sorted; one that works on masks counts once it has begun a
// sample. With sites: that will not be done when these are settled. Throws MachineError when they
// cannot be listed.
std::vector<Note> unfinished(const std::filesystem::path& dataset,
                             const std::set<std::string>& settled_sites = {});
std::optional<Note> unfinished_note(const std::filesystem::path& dataset,
                                    const std::string& command);

// Throws UsageError if a command other than `own` is not done.
void require_finished(const std::filesystem::path& dataset, const std::string& own = "");

// Reports each but `own`.
void report_unfinished(const std::filesystem::path& dataset, Report& report,
                       const std::string& own = "",
                       const std::set<std::string>& settled_sites = {});

// Whether the command that left the note has done its step to this sample.
bool is_begun(const Note& note, const SampleRecord& record);

// For a command that makes these samples, from now on: they are added to what it owes already.
void owe(const std::filesystem::path& dataset, const std::string& command,
         const std::vector<ArchiveSample>& samples);
void put_note(const std::filesystem::path& dataset, const Note& note);

// The command is done. Throws MachineError if its note cannot be removed.
void end_note(const std::filesystem::path& dataset, const std::string& command);
// The samples of these sites have been made anew from an archive: no command owes them any longer,
// and one that owes nothing is done.
void settle(const std::filesystem::path& dataset, const std::set<std::string>& sites);

}  // namespace nicohort
