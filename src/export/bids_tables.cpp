#include "export/bids_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

std::string tsv_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text.empty() ? "n/a" : text;
}

// What is known of each sample, by column, in order.
using Columns = std::vector<std::pair<std::string, std::map<std::size_t, std::string>>>;

Columns columns_of(const ExportCohort& cohort) {
  Columns columns;
  std::map<std::string, std::size_t> places;
  const auto add = [&](const std::string& name, std::size_t sample, const std::string& value) {
    const auto [place, is_new] = places.emplace(name, columns.size());
    if (is_new) columns.push_back({name, {}});
    columns[place->second].second[sample] = value;
  };
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const ExportSample& sample = cohort.samples[i];
    add("patient", i, sample.patient);
    for (const auto& [part, value] : cohort.infos[i].parts) add(part, i, value);
    if (!cohort.split.empty()) add(cohort.split, i, sample.subset);
    for (const auto& [name, value] : cohort.infos[i].attributes) add(name, i, to_text(value));
  }
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
  const auto value = [](const auto& column, std::size_t sample) {
    const auto found = column.second.find(sample);
    return found == column.second.end() ? "" : found->second;
  };
  std::vector<std::pair<std::string, std::map<std::size_t, std::string>>> of_patients, of_scans;
  for (auto& column : columns_of(cohort)) {
    const bool is_same = std::all_of(scans.begin(), scans.end(), [&](const auto& of_subject) {
      return std::all_of(of_subject.second.begin(), of_subject.second.end(), [&](std::size_t scan) {
        return value(column, scan) == value(column, of_subject.second.front());
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
    for (const auto& [name, values] : columns)
      if (!json.contains(name))
        json[name] = {{"Description", name == cohort.split ? "Subset of the split " + name
                                                           : name + ", from the archive"}};
    return json.dump(2) + "\n";
  };
  std::vector<std::vector<std::string>> participants{{"participant_id"}};
  for (const auto& column : of_patients) participants[0].push_back(column.first);
  for (const auto& [subject, samples] : scans) {
    std::vector<std::string> row{"sub-" + subject};
    for (const auto& column : of_patients) row.push_back(value(column, samples.front()));
    participants.push_back(std::move(row));
    if (names[samples.front()].session.empty()) continue;
    std::vector<std::vector<std::string>> sessions{{"session_id"}};
    for (const auto& column : of_scans) sessions[0].push_back(column.first);
    for (const std::size_t scan : samples) {
      std::vector<std::string> session{"ses-" + names[scan].session};
      for (const auto& column : of_scans) session.push_back(value(column, scan));
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
