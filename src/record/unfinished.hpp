// Commands that are at work on a dataset, or were stopped before they had done all of it: each has
// a note, `{dataset}/.nicohort/unfinished/{command}.json`, until it is done. What it leaves is half
// of one state and half of another, and no other command may take that for a dataset.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "record/sample_record.hpp"

namespace nicohort {

// The note of a command that works in place on the samples.
struct StepNote {
  Step work;                                    // without counts
  std::map<std::string, std::size_t> repeated;  // times in a row that it was done before, by ID
  bool skip_existing = false;
};

// The commands that are not done, sorted. One that works in place counts once it has begun a
// sample. Throws MachineError when they cannot be listed.
std::vector<std::string> unfinished_commands(const std::filesystem::path& dataset);

// Reports each of them.
void report_unfinished(const std::filesystem::path& dataset, Report& report);

// Throws UsageError if a command other than `own` is not done.
void require_finished(const std::filesystem::path& dataset, const std::string& own = "");

// What the command left in its note; nothing if it has none, or one without a step.
std::optional<StepNote> step_note(const std::filesystem::path& dataset, const std::string& command);
// Whether the command that left the note has done its step to this sample.
bool is_begun(const StepNote& note, const SampleRecord& record);

// For one that works in place, and for one that does not.
void put_unfinished(const std::filesystem::path& dataset, const StepNote& note);
void put_unfinished(const std::filesystem::path& dataset, const std::string& command);

// The command is done. Throws MachineError if its note cannot be removed.
void end_unfinished(const std::filesystem::path& dataset, const std::string& command);
// Samples have been made anew, all of them or some: forgets the commands of which nothing is left.
void forget_overtaken(const std::filesystem::path& dataset, bool is_all_new);

}  // namespace nicohort
