// Commands that are at work on a dataset, or were stopped before they had done all of it: each has
// a note, `{dataset}/.nicohort/unfinished/{command}.json`, until it is done. What it leaves is half
// of one state and half of another, and no other command may take that for a dataset.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"

namespace nicohort {

// The commands that have a note, sorted.
std::vector<std::string> unfinished_commands(const std::filesystem::path& dataset);

// Reports each of them.
void report_unfinished(const std::filesystem::path& dataset, Report& report);

// Throws UsageError if a command other than `own` has one.
void require_finished(const std::filesystem::path& dataset, const std::string& own = "");

// What the command left in its note; nothing if it has none. Throws UsageError if it cannot be
// read.
std::optional<nlohmann::json> unfinished_note(const std::filesystem::path& dataset,
                                              const std::string& command);
void put_unfinished(const std::filesystem::path& dataset, const std::string& command,
                    const nlohmann::json& note = nlohmann::json::object());

// The command is done.
void end_unfinished(const std::filesystem::path& dataset, const std::string& command);
// All are: every sample has been made anew.
void forget_unfinished(const std::filesystem::path& dataset);

}  // namespace nicohort
