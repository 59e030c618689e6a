#include "record/unfinished.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/own_file.hpp"

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

// Also of those that have begun no sample.
std::vector<std::string> noted_commands(const fs::path& dataset) {
  std::vector<std::string> commands;
  std::error_code error;
  for (fs::directory_iterator note(folder_of(dataset), error), end; !error && note != end;
       note.increment(error))
    if (note->path().extension() == ".json" && !note->path().filename().string().starts_with('.'))
      commands.push_back(note->path().stem().string());
  if (error && error != std::errc::no_such_file_or_directory)
    throw MachineError(fmt::format("cannot list {}: {}; check its permissions",
                                   folder_of(dataset).string(), error.message()));
  std::sort(commands.begin(), commands.end());
  return commands;
}

bool has_begun_samples(const StepNote& note, const fs::path& dataset) {
  const auto records = read_records(dataset);
  return std::any_of(records.begin(), records.end(),
                     [&](const SampleRecord& record) { return is_begun(note, record); });
}

}  // namespace

std::vector<std::string> unfinished_commands(const fs::path& dataset) {
  auto commands = noted_commands(dataset);
  std::erase_if(commands, [&](const std::string& command) {
    const auto note = step_note(dataset, command);
    return note && !has_begun_samples(*note, dataset);
  });
  return commands;
}

void report_unfinished(const fs::path& dataset, Report& report) {
  for (const std::string& command : unfinished_commands(dataset))
    report.add(command, "was stopped, or is still at work; if it is not, start it again");
}

void require_finished(const fs::path& dataset, const std::string& own) {
  for (const std::string& command : unfinished_commands(dataset))
    if (command != own)
      throw UsageError(fmt::format(
          "{}: {} was stopped here before it was done; start it again with the same options, or "
          "begin anew with confirm_pairs or run",
          dataset.string(), command));
}

std::optional<StepNote> step_note(const fs::path& dataset, const std::string& command) {
  const fs::path file = path_of(dataset, command);
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  try {
    const auto json = nlohmann::json::parse(read_file(file, note_bytes));
    if (!json.contains("parameters")) return {};
    StepNote note{{command, json.at("parameters"), {}, {}}, {}, json.at("skip_existing")};
    json.at("version").get_to(note.work.version);
    json.at("repeated").get_to(note.repeated);
    return note;
  } catch (const std::exception&) {
    return {};  // some state nobody knows: of no step that could go on
  }
}

bool is_begun(const StepNote& note, const SampleRecord& record) {
  const auto before = note.repeated.find(record.id);
  return times_in_a_row(record, note.work) > (before == note.repeated.end() ? 0 : before->second);
}

void put_unfinished(const fs::path& dataset, const StepNote& note) {
  const nlohmann::json json{{"parameters", note.work.parameters},
                            {"version", note.work.version},
                            {"repeated", note.repeated},
                            {"skip_existing", note.skip_existing}};
  write_own_file(dataset, path_of(dataset, note.work.routine), json.dump() + "\n");
}

void put_unfinished(const fs::path& dataset, const std::string& command) {
  write_own_file(dataset, path_of(dataset, command), "{}\n");
}

void end_unfinished(const fs::path& dataset, const std::string& command) {
  std::error_code error;
  fs::remove(path_of(dataset, command), error);
  if (error)
    throw MachineError(
        fmt::format("cannot remove {}: {}; check the permissions, and start the "
                    "same command again",
                    path_of(dataset, command).string(), error.message()));
  fs::remove(folder_of(dataset), error);  // if it is empty
}

void forget_overtaken(const fs::path& dataset, bool is_all_new) {
  const auto left = unfinished_commands(dataset);
  for (const std::string& command : noted_commands(dataset))
    if (is_all_new || !std::binary_search(left.begin(), left.end(), command))
      end_unfinished(dataset, command);
}

}  // namespace nicohort
