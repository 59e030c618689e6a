#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* bids_version = "1.10.0";
constexpr const char* derivatives = "derivatives/nicohort";

// Where the images of a channel are, and how their names end.
struct Place {
  std::string folder, suffix;
};

// What BIDS calls the usual channels.
const std::map<std::string, Place>& places() {
  const Place t1{"anat", "T1w"}, enhanced{"anat", "ce-gadolinium_T1w"}, t2{"anat", "T2w"},
      flair{"anat", "FLAIR"}, pd{"anat", "PDw"};
  static const std::map<std::string, Place> places{{"t1", t1},           {"t1w", t1},
                                                   {"t1n", t1},          {"t1ce", enhanced},
                                                   {"t1gd", enhanced},   {"t1c", enhanced},
                                                   {"t2", t2},           {"t2w", t2},
                                                   {"flair", flair},     {"t2f", flair},
                                                   {"pd", pd},           {"pdw", pd},
                                                   {"ct", {"ct", "ct"}}, {"pet", {"pet", "pet"}}};
  return places;
}

// A label of BIDS has letters and digits only.
std::string bids_label(const std::string& text) {
  std::string label;
  for (const char c : text)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) label += c;
  return label;
}

// How one sample is called.
struct Name {
  std::string subject, session;  // session: empty where the patients have one scan each
  fs::path folder() const {
    const fs::path folder = "sub-" + subject;
    return session.empty() ? folder : folder / ("ses-" + session);
  }
  std::string stem() const { return "sub-" + subject + (session.empty() ? "" : "_ses-" + session); }
};

// What distinguishes the sample from the patient's others; `1` where nothing does, since without a
// session there is no place for what is known of the scan.
std::string session_of(const ExportSample& sample, const Recipe& recipe) {
  const std::vector<std::size_t> of_patient = recipe.patient_parts();
  std::string session;
  for (const auto& [name, value] : sample.record.parts)
    if (const auto part = recipe.part_index(name);
        part && std::find(of_patient.begin(), of_patient.end(), *part) == of_patient.end())
      session += value;
  const std::string label = bids_label(session);
  return label.empty() ? "1" : label;
}

std::vector<Name> names_of(const ExportCohort& cohort, Findings& findings) {
  std::map<std::string, std::size_t> scans;
  for (const ExportSample& sample : cohort.samples) ++scans[sample.patient];
  const bool has_sessions =
      std::any_of(scans.begin(), scans.end(), [](const auto& scan) { return scan.second > 1; });
  std::vector<Name> names;
  std::map<std::string, std::string> patients;                     // by subject
  std::map<std::pair<std::string, std::string>, std::string> ids;  // by subject and session
  for (const ExportSample& sample : cohort.samples) {
    const Name name{bids_label(sample.patient),
                    has_sessions ? session_of(sample, cohort.recipe) : ""};
    if (name.subject.empty())
      findings.add(sample.id(), ProblemKind::layout,
                   fmt::format("BIDS allows letters and digits of ASCII only, and the patient {} "
                               "has none",
                               sample.patient));
    if (const auto [other, is_new] = patients.emplace(lower_case(name.subject), sample.patient);
        !is_new && other->second != sample.patient)
      findings.add(sample.id(), ProblemKind::layout,
                   fmt::format("without signs that BIDS does not allow, the patients {} and {} "
                               "would both be sub-{}; change the recipe's `patient`",
                               other->second, sample.patient, name.subject));
    else if (const auto [first, is_first] = ids.emplace(
                 std::pair(lower_case(name.subject), lower_case(name.session)), sample.id());
             !is_first)
      findings.add(sample.id(), ProblemKind::layout,
                   fmt::format("would be {} in BIDS, as {} is; name the parts in which they differ "
                               "in the recipe",
                               name.stem(), first->second));
    names.push_back(name);
  }
  return names;
}

// Of each channel.
std::vector<Place> places_of(const ExportCohort& cohort, const ExportOptions& options,
                             Findings& findings) {
  const bool is_one = cohort.channels.size() == 1 && cohort.channels.front().empty();
  if (is_one && cohort.recipe.intensity().unit == "HU") return {places().at("ct")};
  if (is_one && !options.bids_suffix.empty()) return {{"anat", options.bids_suffix}};
  std::vector<Place> found;
  for (const std::string& channel : cohort.channels) {
    const auto place = places().find(lower_case(channel));
    if (place != places().end())
      found.push_back(place->second);
    else if (channel.empty())
      findings.add("volumes", ProblemKind::layout,
                   "BIDS has to know what they are: give --bids_suffix, such as T1w, or give the "
                   "recipe `intensity: {unit: HU}` if they are CT");
    else
      findings.add(channel, ProblemKind::layout,
                   "BIDS has no suffix for this channel; call it T1w, T1ce, T2w, FLAIR, PDw, CT or "
                   "PET in the recipe");
  }
  return found;
}

void add_images(ExportPlan& plan, const ExportCohort& cohort, const std::vector<Name>& names,
                const std::vector<Place>& places) {
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const ExportSample& sample = cohort.samples[i];
    const std::string stem = names[i].stem();
    const auto volumes = sample.record.volumes();
    Json sources = Json::array();
    for (std::size_t channel = 0; channel < places.size(); ++channel) {
      const auto& [folder, suffix] = places[channel];
      const fs::path target =
          names[i].folder() / folder / fmt::format("{}_{}.nii.gz", stem, suffix);
      plan.images.push_back({target, {volumes[channel]}, false});
      sources.push_back("bids:raw:" + target.generic_string());
    }
    if (!sample.has_mask() || places.empty()) continue;
    const fs::path mask =
        derivatives / names[i].folder() / places.front().folder / (stem + "_dseg");
    plan.images.push_back({mask.string() + ".nii.gz", {sample.mask()}, true});
    plan.texts.push_back(
        {mask.string() + ".json", Json{{"Manual", false}, {"Sources", sources}}.dump(2) + "\n"});
  }
}

std::string tsv_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text.empty() ? "n/a" : text;
}

std::string tsv(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(tsv_cell(cell));
    text += fmt::format("{}\n", fmt::join(cells, "\t"));
  }
  return text;
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
    for (const auto& [part, value] : sample.info.parts) add(part, i, value);
    if (!cohort.split.empty()) add(cohort.split, i, sample.subset);
    for (const auto& [name, value] : sample.info.attributes) add(name, i, to_text(value));
  }
  return columns;
}

// What is the same for all scans of each patient stands in participants.tsv, the rest in a
// sessions.tsv of each.
void add_tables(ExportPlan& plan, const ExportCohort& cohort, const std::vector<Name>& names) {
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
  const auto described = [](const std::string& first, const Columns& columns) {
    Json json;
    if (first == "participant_id")
      json["patient"] = {{"Description", "Identifier of the patient in the archive, a text"}};
    for (const auto& [name, values] : columns)
      if (!json.contains(name)) json[name] = {{"Description", name + ", from the archive"}};
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
    plan.texts.push_back(
        {fs::path("sub-" + subject) / fmt::format("sub-{}_sessions.tsv", subject), tsv(sessions)});
  }
  plan.texts.push_back({"participants.json", described("participant_id", of_patients)});
  if (!names.empty() && !names.front().session.empty())
    plan.texts.push_back({"sessions.json", described("session_id", of_scans)});
  plan.texts.push_back({"participants.tsv", tsv(participants)});
}

std::string labels_text(const LabelNames& labels) {
  std::vector<std::vector<std::string>> rows{{"index", "name"}};
  if (!labels.contains(0)) rows.push_back({"0", "background"});
  for (const auto& [label, name] : labels) rows.push_back({std::to_string(label), name});
  return tsv(rows);
}

}  // namespace

ExportPlan plan_bids(const ExportCohort& cohort, const ExportOptions& options, Findings& findings) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "bids";
  const std::vector<Name> names = names_of(cohort, findings);
  const std::vector<Place> places = places_of(cohort, options, findings);
  add_images(plan, cohort, names, places);
  const std::string name = !options.dataset_name.empty()   ? options.dataset_name
                           : !cohort.recipe.name().empty() ? cohort.recipe.name()
                                                           : "Dataset made by nicohort";
  const Json generated = Json::array({{{"Name", "nicohort"}, {"Version", NICOHORT_VERSION}}});
  const bool has_ct = std::any_of(places.begin(), places.end(),
                                  [](const Place& place) { return place.folder == "ct"; });
  const auto ignore_ct = [&](const fs::path& folder) {  // which BIDS does not know yet
    if (has_ct) plan.texts.push_back({folder / ".bidsignore", "**/ct\n**/ct/**\n"});
  };
  ignore_ct({});
  plan.texts.push_back(
      {"README",
       name + "\n\nVolumes and masks of a dataset that was made from an archive by "
              "nicohort " NICOHORT_VERSION
              ".\nThe volumes are raw data. The masks of all labels are in derivatives/nicohort, "
              "where\ndseg.tsv names the labels. participants.tsv has what is known of each "
              "patient,\nand the sessions.tsv files what is known of each scan.\n"});
  if (!cohort.labels.empty()) {
    ignore_ct(derivatives);
    plan.texts.push_back({fs::path(derivatives) / "dseg.tsv", labels_text(cohort.labels)});
    plan.texts.push_back({fs::path(derivatives) / "dataset_description.json",
                          Json{{"Name", name},
                               {"BIDSVersion", bids_version},
                               {"DatasetType", "derivative"},
                               {"GeneratedBy", generated},
                               {"DatasetLinks", {{"raw", "../.."}}}}
                                  .dump(2) +
                              "\n"});
  }
  add_tables(plan, cohort, names);
  plan.texts.push_back({"dataset_description.json", Json{{"Name", name},
                                                         {"BIDSVersion", bids_version},
                                                         {"DatasetType", "raw"},
                                                         {"GeneratedBy", generated}}
                                                            .dump(2) +
                                                        "\n"});
  plan.told = {
      fmt::format("Its index is {}.", (plan.folder / "dataset_description.json").string())};
  return plan;
}

}  // namespace nicohort
