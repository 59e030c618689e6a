#include "record/unfinished.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/own_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OwedSample, site, before)

namespace {

constexpr std::size_t note_bytes = 64 << 20;

fs::path folder_of_notes(const fs::path& dataset) {
  return dataset / ".nicohort" / "unfinished";
}

fs::path path_of(const fs::path& dataset, const std::string& command) {
  return folder_of_notes(dataset) / (command + ".json");
}

// One in a state that nobody knows owes whatever the dataset has.
Note of_all_samples(const fs::path& dataset, const std::string& command) {
  Note note{command, {}};
  for (const SampleRecord& record : read_records(dataset))
    note.owed[record.id] = {sample_folder(record).begin()->string()};
  return note;
}

Note read_note(const fs::path& dataset, const std::string& command) {
  try {
    const auto json = nlohmann::json::parse(read_file(path_of(dataset, command), note_bytes));
    Note note{command, json.at("owed")};
    if (!json.contains("parameters")) return note;
    note.step = Step{command, json.at("parameters"), {}, json.at("version")};
    json.at("source").get_to(note.source);
    json.at("skip_existing").get_to(note.skip_existing);
    json.at("replaces_begun").get_to(note.replaces_begun);
    return note;
  } catch (const BadInput&) {
    return of_all_samples(dataset, command);
  } catch (const nlohmann::json::exception&) {
    return of_all_samples(dataset, command);
  }
}

// Also those of commands that have begun no sample.
std::vector<Note> all_notes(const fs::path& dataset) {
  std::vector<Note> notes;
  std::error_code error;
  for (fs::directory_iterator file(folder_of_notes(dataset), error), end; !error && file != end;
       file.increment(error))
    if (file->path().extension() == ".json" && !file->path().filename().string().starts_with('.'))
      notes.push_back(read_note(dataset, file->path().stem().string()));
  if (error && error != std::errc::no_such_file_or_directory)
    throw MachineError(fmt::format("cannot list {}: {}; check its permissions",
                                   folder_of_notes(dataset).string(), error.message()));
  std::sort(notes.begin(), notes.end(),
            [](const Note& a, const Note& b) { return a.command < b.command; });
  return notes;
}

bool has_begun(const Note& note, const std::vector<SampleRecord>& records) {
  return !note.step || note.replaces_begun ||
         std::any_of(records.begin(), records.end(),
                     [&](const SampleRecord& record) { return is_begun(note, record); });
}

// Gives whether any was owed.
bool strike_out(Note& note, const std::set<std::string>& sites) {
  return std::erase_if(note.owed,
                       [&](const auto& owed) { return sites.contains(owed.second.site); }) > 0;
}

std::set<std::string> sites_of(const Note& note) {
  std::set<std::string> sites;
  for (const auto& [id, sample] : note.owed) sites.insert(sample.site);
  return sites;
}

}  // namespace

std::vector<Note> unfinished(const fs::path& dataset, const std::set<std::string>& settled_sites) {
  auto notes = all_notes(dataset);
  if (notes.empty()) return notes;
  const auto records = read_records(dataset);
  std::erase_if(notes, [&](Note& note) {
    return (strike_out(note, settled_sites) && note.owed.empty()) || !has_begun(note, records);
  });
  return notes;
}

std::optional<Note> unfinished_note(const fs::path& dataset, const std::string& command) {
  for (Note& note : unfinished(dataset))
    if (note.command == command) return std::move(note);
  return {};
}

void require_finished(const fs::path& dataset, const std::string& own) {
  for (const Note& note : unfinished(dataset)) {
    if (note.command == own) continue;
    const std::string remedy =
        note.step
            ? "begin anew with confirm_pairs or run"
            : fmt::format("if its samples of {} are not wanted, remove {}",
                          fmt::join(sites_of(note), ", "), path_of(dataset, note.command).string());
    throw UsageError(fmt::format(
        "{}: {} was stopped here before it was done; start it again with the same options, or {}",
        dataset.string(), note.command, remedy));
  }
}

void report_unfinished(const fs::path& dataset, Report& report, const std::string& own,
                       const std::set<std::string>& settled_sites) {
  for (const Note& note : unfinished(dataset, settled_sites))
    if (note.command != own)
      report.add(note.command, "was stopped, or is still at work; if it is not, start it again");
}

bool is_begun(const Note& note, const SampleRecord& record) {
  if (!note.step) return false;
  const auto owed = note.owed.find(record.id);
  return owed != note.owed.end() && times_in_a_row(record, *note.step) > owed->second.before;
}

void owe(const fs::path& dataset, const std::string& command,
         const std::vector<ArchiveSample>& samples) {
  Note note = unfinished_note(dataset, command).value_or(Note{command, {}});
  for (const ArchiveSample& sample : samples) note.owed[sample.info.id] = {sample.info.site};
  put_note(dataset, note);
}

void put_note(const fs::path& dataset, const Note& note) {
  nlohmann::json json{{"owed", note.owed}};
  if (note.step)
    json.update({{"parameters", note.step->parameters},
                 {"version", note.step->version},
                 {"source", note.source},
                 {"skip_existing", note.skip_existing},
                 {"replaces_begun", note.replaces_begun}});
  write_own_file(dataset, path_of(dataset, note.command),
                 json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void end_note(const fs::path& dataset, const std::string& command) {
  std::error_code error;
  fs::remove(path_of(dataset, command), error);
  if (error)
    throw MachineError(
        fmt::format("cannot remove {}: {}; check the permissions, and start the "
                    "same command again",
                    path_of(dataset, command).string(), error.message()));
  fs::remove(folder_of_notes(dataset), error);  // if it is empty
}

void settle(const fs::path& dataset, const std::set<std::string>& sites) {
  for (Note& note : all_notes(dataset)) {
    const bool is_changed = strike_out(note, sites);
    if (note.owed.empty())
      end_note(dataset, note.command);
    else if (is_changed)
      put_note(dataset, note);
  }
}

}  // namespace nicohort
