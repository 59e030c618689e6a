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
#include "record/sample_record.hpp"

namespace nicohort {

struct Note {
  std::string command;
  // The samples that the command set out to do, by ID, with the fingerprints that their records had
  // then (empty: none). It has begun those whose records are others now.
  std::map<std::string, std::string> owed = {};

  // Of a command that works on the masks of a dataset:
  std::optional<Step> step = {};  // without counts
  std::string source = {};        // which dataset it reads, seen from this one; empty: this one
  bool skip_existing = false;
};

// The commands that are not done, sorted. One that has begun no sample does not count. Throws
// MachineError when they cannot be listed.
std::vector<Note> unfinished(const std::filesystem::path& dataset);
std::optional<Note> unfinished_note(const std::filesystem::path& dataset,
                                    const std::string& command);
bool is_begun(const Note& note, const SampleRecord& record);

// Throws UsageError if a command other than `own` is not done.
void require_finished(const std::filesystem::path& dataset, const std::string& own = "");
// Reports each of them.
void report_unfinished(const std::filesystem::path& dataset, Report& report);

// Gives the samples that were begun the files that they did not come to have.
void finish_commits(const std::filesystem::path& dataset);

// A command begins, or goes on: what it has begun and not done it still owes. Gives the note with
// all that it owes. Forgets commands that have begun nothing, as the records will be others now.
Note put_note(const std::filesystem::path& dataset, Note note, const std::vector<std::string>& ids);

// What a command that makes samples from an archive has settled, by ID: it has done what it could
// for some, and made some of them anew, of which nothing is left that another had begun.
struct Settled {
  std::string command;
  std::set<std::string> done, made_anew;
};
// Reports what will not be done after settle().
void report_unfinished(const std::filesystem::path& dataset, Report& report,
                       const Settled& settled);
// Ends what is done by that.
void settle(const std::filesystem::path& dataset, const Settled& settled);
// The command is done. Throws MachineError if its note cannot be removed.
void end_note(const std::filesystem::path& dataset, const std::string& command);

}  // namespace nicohort
