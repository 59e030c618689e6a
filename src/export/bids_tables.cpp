#include "export/bids_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "dataset/column_names.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

std::string tsv_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text.empty() ? "n/a" : text;
}

// What is known of each sample.
struct Column {
  std::string name;  // in the table
  std::string of;    // what the archive or the split calls it
  std::map<std::size_t, std::string> values = {};

  std::string value(std::size_t sample) const {
    const auto found = values.find(sample);
    return found == values.end() ? "" : found->second;
  }
};
using Columns = std::vector<Column>;

// The patient comes first. Names that the tables have of themselves are not those of others.
Columns columns_of(const ExportCohort& cohort) {
  Column patient{"patient", "patient"};
  Columns columns;
  std::map<std::string, std::size_t> places;
  const auto add = [&](const std::string& name, std::size_t sample, const std::string& value) {
    const auto [place, is_new] = places.emplace(name, columns.size());
    if (is_new) columns.push_back({name, name});
    columns[place->second].values[sample] = value;
  };
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const ExportSample& sample = cohort.samples[i];
    patient.values[i] = sample.patient;
    for (const auto& [part, value] : cohort.infos[i].parts) add(part, i, value);
    if (!cohort.split.empty()) add(cohort.split, i, sample.subset);
    for (const auto& [name, value] : cohort.infos[i].attributes) add(name, i, to_text(value));
  }
  std::erase_if(columns, [&](const Column& column) {
    return column.of == patient.of && column.values == patient.values;
  });
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  names = free_names(std::move(names), {"participant_id", "session_id", patient.name});
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].name = names[i];
  columns.insert(columns.begin(), std::move(patient));
  return columns;
}

}  // namespace

std::string bids_tsv(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(tsv_cell(cell));
    text += fmt::format("{}\n", fmt::join(cells, "\t"));
  }
  return text;
}

void add_bids_tables(ExportPlan& plan, const ExportCohort& cohort,
                     const std::vector<BidsName>& names) {
  std::map<std::string, std::vector<std::size_t>> scans;  // by subject
  for (std::size_t i = 0; i < names.size(); ++i) scans[names[i].subject].push_back(i);
  Columns of_patients, of_scans;
  for (Column& column : columns_of(cohort)) {
    const bool is_same = std::all_of(scans.begin(), scans.end(), [&](const auto& of_subject) {
      return std::all_of(of_subject.second.begin(), of_subject.second.end(), [&](std::size_t scan) {
        return column.value(scan) == column.value(of_subject.second.front());
      });
    });
    if (is_same)
      of_patients.push_back(std::move(column));
    else
      of_scans.push_back(std::move(column));
  }
  const auto described = [&](const std::string& first, const Columns& columns) {
    Json json = Json::object();
    if (first == "participant_id")
      json["patient"] = {{"Description", "Identifier of the patient in the archive, a text"}};
    for (const Column& column : columns)
      if (!json.contains(column.name))
        json[column.name] = {{"Description", column.of == cohort.split
                                                 ? "Subset of the split " + column.of
                                                 : column.of + ", from the archive"}};
    return json.dump(2) + "\n";
  };
  std::vector<std::vector<std::string>> participants{{"participant_id"}};
  for (const Column& column : of_patients) participants[0].push_back(column.name);
  for (const auto& [subject, samples] : scans) {
    std::vector<std::string> row{"sub-" + subject};
    for (const Column& column : of_patients) row.push_back(column.value(samples.front()));
    participants.push_back(std::move(row));
    if (names[samples.front()].session.empty()) continue;
    std::vector<std::vector<std::string>> sessions{{"session_id"}};
    for (const Column& column : of_scans) sessions[0].push_back(column.name);
    for (const std::size_t scan : samples) {
      std::vector<std::string> session{"ses-" + names[scan].session};
      for (const Column& column : of_scans) session.push_back(column.value(scan));
      sessions.push_back(std::move(session));
    }
    const fs::path table = fs::path("sub-" + subject) / fmt::format("sub-{}_sessions", subject);
    plan.texts.push_back({table.string() + ".json", described("session_id", of_scans)});
    plan.texts.push_back({table.string() + ".tsv", bids_tsv(sessions)});
  }
  plan.texts.push_back({"participants.json", described("participant_id", of_patients)});
  plan.texts.push_back({"participants.tsv", bids_tsv(participants)});
}

}  // namespace nicohort
