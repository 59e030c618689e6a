#include "record/unfinished.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t note_bytes = 64 << 20;

fs::path folder_of(const fs::path& dataset) {
  return dataset / ".nicohort" / "unfinished";
}

fs::path path_of(const fs::path& dataset, const std::string& command) {
  return folder_of(dataset) / (command + ".json");
}

}  // namespace

std::vector<std::string> unfinished_commands(const fs::path& dataset) {
  std::vector<std::string> commands;
  std::error_code error;
  for (fs::directory_iterator note(folder_of(dataset), error), end; !error && note != end;
       note.increment(error))
    if (note->path().extension() == ".json" && !note->path().filename().string().starts_with('.'))
      commands.push_back(note->path().stem().string());
  std::sort(commands.begin(), commands.end());
  return commands;
}

void report_unfinished(const fs::path& dataset, Report& report) {
  for (const std::string& command : unfinished_commands(dataset))
    report.add(command, "was stopped and is not finished; start it again");
}

void require_finished(const fs::path& dataset, const std::string& own) {
  for (const std::string& command : unfinished_commands(dataset))
    if (command != own)
      throw UsageError(fmt::format(
          "{}: {} was stopped here before it was done; start it again with the same options, or "
          "begin anew with confirm_pairs or run",
          dataset.string(), command));
}

std::optional<nlohmann::json> unfinished_note(const fs::path& dataset, const std::string& command) {
  const fs::path file = path_of(dataset, command);
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  try {
    return nlohmann::json::parse(read_file(file, note_bytes));
  } catch (const std::exception&) {
    throw UsageError(fmt::format(
        "{}: cannot be read, so nobody knows what {} had done; begin anew with confirm_pairs",
        file.string(), command));
  }
}

void put_unfinished(const fs::path& dataset, const std::string& command,
                    const nlohmann::json& note) {
  write_file(path_of(dataset, command), note.dump() + "\n");
}

void end_unfinished(const fs::path& dataset, const std::string& command) {
  std::error_code error;
  fs::remove(path_of(dataset, command), error);
  fs::remove(folder_of(dataset), error);  // if it is empty
}

void forget_unfinished(const fs::path& dataset) {
  std::error_code error;
  fs::remove_all(folder_of(dataset), error);
}

}  // namespace nicohort
