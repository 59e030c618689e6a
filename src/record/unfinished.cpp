#include "record/unfinished.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/below.hpp"
#include "record/own_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t note_bytes = 64 << 20;

fs::path folder_of_notes(const fs::path& dataset) {
  return dataset / ".nicohort" / "unfinished";
}

fs::path path_of(const fs::path& dataset, const std::string& command) {
  return folder_of_notes(dataset) / (command + ".json");
}

// One in a state that nobody knows may have begun whatever there is.
Note of_all_samples(const fs::path& dataset, const std::string& command) {
  Note note{command};
  for (const std::string& id : record_ids(dataset)) note.owed[id] = "";
  return note;
}

Note read_note(const fs::path& dataset, const std::string& command) {
  require_own(dataset, path_of(dataset, command));
  try {
    const auto json = nlohmann::json::parse(read_file(path_of(dataset, command), note_bytes));
    Note note{command, json.at("owed")};
    // The note may come from somebody else: an ID leads to no file outside the dataset.
    std::erase_if(note.owed,
                  [](const auto& owed) { return owed.first.find('/') != std::string::npos; });
    if (!json.contains("parameters")) return note;
    note.step = Step{command, json.at("parameters"), {}, json.at("version")};
    json.at("source").get_to(note.source);
    json.at("skip_existing").get_to(note.skip_existing);
    return note;
  } catch (const BadInput&) {
    return of_all_samples(dataset, command);
  } catch (const nlohmann::json::exception&) {
    return of_all_samples(dataset, command);
  }
}

void write_note(const fs::path& dataset, const Note& note) {
  nlohmann::json json{{"owed", note.owed}};
  if (note.step)
    json.update({{"parameters", note.step->parameters},
                 {"version", note.step->version},
                 {"source", note.source},
                 {"skip_existing", note.skip_existing}});
  write_own_file(dataset, path_of(dataset, note.command),
                 json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
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

// Of its record as it is now; empty: there is none.
std::string fingerprint_of(const fs::path& dataset, const std::string& id) {
  try {
    const auto record = read_record(dataset, id);
    return record ? fingerprint(*record) : "";
  } catch (const BadInput&) {
    return "damaged";
  }
}

std::vector<std::string> begun_samples(const fs::path& dataset, const Note& note) {
  std::vector<std::string> begun;
  for (const auto& [id, before] : note.owed)
    if (const std::string now = fingerprint_of(dataset, id); !now.empty() && now != before)
      begun.push_back(id);
  return begun;
}

void strike_out(Note& note, const Settled& settled) {
  std::erase_if(note.owed, [&](const auto& owed) {
    return settled.made_anew.contains(owed.first) ||
           (note.command == settled.command && settled.done.contains(owed.first));
  });
}

std::string remedy(const std::vector<std::string>& begun) {
  constexpr std::size_t named = 3;
  const std::size_t count = std::min(begun.size(), named);
  return fmt::format(
      "make anew, with confirm_pairs or run, what it had begun, or take it out, also "
      "its record in .nicohort: {}{}",
      fmt::join(begun.begin(), begun.begin() + count, ", "),
      begun.size() > count ? fmt::format(" and {} more", begun.size() - count) : "");
}

}  // namespace

std::vector<Note> unfinished(const fs::path& dataset) {
  auto notes = all_notes(dataset);
  std::erase_if(notes, [&](const Note& note) { return begun_samples(dataset, note).empty(); });
  return notes;
}

std::optional<Note> unfinished_note(const fs::path& dataset, const std::string& command) {
  const auto notes = unfinished(dataset);
  const auto found = std::find_if(notes.begin(), notes.end(),
                                  [&](const Note& note) { return note.command == command; });
  return found == notes.end() ? std::nullopt : std::optional(*found);
}

bool is_begun(const Note& note, const SampleRecord& record) {
  const auto owed = note.owed.find(record.id);
  return owed != note.owed.end() && owed->second != fingerprint(record);
}

void require_finished(const fs::path& dataset, const std::string& own) {
  for (const Note& note : unfinished(dataset))
    if (note.command != own)
      throw UsageError(fmt::format(
          "{}: {} was stopped here before it was done; start it again with the same options, or {}",
          dataset.string(), note.command, remedy(begun_samples(dataset, note))));
}

void report_unfinished(const fs::path& dataset, Report& report) {
  report_unfinished(dataset, report, {});
}

void report_unfinished(const fs::path& dataset, Report& report, const Settled& settled) {
  for (Note& note : all_notes(dataset)) {
    strike_out(note, settled);
    if (const auto begun = begun_samples(dataset, note); !begun.empty())
      report.add(note.command, fmt::format("was stopped, or is still at work; if it is not, start "
                                           "it again, or {}",
                                           remedy(begun)));
  }
}

void finish_commits(const fs::path& dataset) {
  for (const Note& note : unfinished(dataset))
    for (const std::string& id : begun_samples(dataset, note))
      if (const auto record = readable_record(dataset, id))
        for (const auto& recorded : record->files) {
          const fs::path file = dataset / recorded.first;
          blaming(recorded.first, [&] { require_below(dataset, file, "dataset"); });
          take_over(file, recorded.second);
        }
}

Note put_note(const fs::path& dataset, Note note, const std::vector<std::string>& ids) {
  for (Note& other : all_notes(dataset))
    if (begun_samples(dataset, other).empty())
      end_note(dataset, other.command);
    else if (other.command == note.command)
      note.owed = std::move(other.owed);
  for (const std::string& id : ids) note.owed.try_emplace(id, fingerprint_of(dataset, id));
  write_note(dataset, note);
  return note;
}

void settle(const fs::path& dataset, const Settled& settled) {
  for (Note& note : all_notes(dataset)) {
    strike_out(note, settled);
    if (begun_samples(dataset, note).empty())
      end_note(dataset, note.command);
    else
      write_note(dataset, note);
  }
}

void end_note(const fs::path& dataset, const std::string& command) {
  remove_own_file(dataset, path_of(dataset, command));
  std::error_code error;
  fs::remove(folder_of_notes(dataset), error);  // if it is empty
}

}  // namespace nicohort
