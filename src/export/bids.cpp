#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "base/near_miss.hpp"
#include "export/bids_tables.hpp"
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
struct BidsPlace {
  std::string folder, suffix;
};

// What BIDS calls the usual channels.
const std::map<std::string, BidsPlace>& places() {
  const BidsPlace t1{"anat", "T1w"}, enhanced{"anat", "ce-gadolinium_T1w"}, t2{"anat", "T2w"},
      flair{"anat", "FLAIR"}, pd{"anat", "PDw"};
  static const std::map<std::string, BidsPlace> places{
      {"t1", t1},           {"t1w", t1},
      {"t1n", t1},          {"t1ce", enhanced},
      {"t1gd", enhanced},   {"t1c", enhanced},
      {"t2", t2},           {"t2w", t2},
      {"flair", flair},     {"t2f", flair},
      {"pd", pd},           {"pdw", pd},
      {"ct", {"ct", "ct"}}, {"pet", {"pet", "pet"}}};
  return places;
}

// Suffixes of volumes that stand for themselves (schema: rules/files/raw/anat.yaml and pet.yaml),
// and that of CT, which BIDS does not have yet.
const std::vector<std::string>& suffixes() {
  static const std::vector<std::string> suffixes{
      "T1w",       "T2w",       "FLAIR",  "PDw",   "T2starw",   "PDT2",  "inplaneT1",
      "inplaneT2", "angio",     "T1map",  "T2map", "T2starmap", "T1rho", "R1map",
      "R2map",     "R2starmap", "PDmap",  "M0map", "MTRmap",    "MTsat", "MTVmap",
      "MWFmap",    "UNIT1",     "Chimap", "S0map", "pet",       "ct"};
  return suffixes;
}

// What people put into the folder of a dataset themselves, with BIDS's blessing.
std::vector<fs::path> files_of_others(const fs::path& folder) {
  std::vector<fs::path> files{"CHANGES", "LICENSE",    "CITATION.cff", "pet.json",
                              "code",    "sourcedata", "stimuli",      "phenotype"};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "derivatives", error))
    if (const fs::path path = fs::path("derivatives") / entry.path().filename();
        path != derivatives)
      files.push_back(path);
  return files;
}

// A label of BIDS has letters and digits only.
std::string bids_label(const std::string& text) {
  std::string label;
  for (const char c : text)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) label += c;
  return label;
}

// What distinguishes the sample from the patient's others; `1` where nothing does, since without a
// session there is no place for what is known of the scan.
std::string session_of(const SampleInfo& info, const Recipe& recipe) {
  const std::vector<std::size_t> of_patient = recipe.patient_parts();
  std::string session;
  for (const auto& [name, value] : info.parts)
    if (const auto part = recipe.part_index(name);
        part && std::find(of_patient.begin(), of_patient.end(), *part) == of_patient.end())
      session += value;
  const std::string label = bids_label(session);
  return label.empty() ? "1" : label;
}

std::vector<BidsName> names_of(const ExportCohort& cohort, Findings& findings) {
  std::map<std::string, std::size_t> scans;
  for (const ExportSample& sample : cohort.samples) ++scans[sample.patient];
  const bool has_sessions =
      std::any_of(scans.begin(), scans.end(), [](const auto& scan) { return scan.second > 1; });
  std::vector<BidsName> names;
  std::map<std::string, std::string> patients;                     // by subject
  std::map<std::pair<std::string, std::string>, std::string> ids;  // by subject and session
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const ExportSample& sample = cohort.samples[i];
    const BidsName name{bids_label(sample.patient),
                        has_sessions ? session_of(cohort.infos[i], cohort.recipe) : ""};
    if (name.subject.empty())
      findings.add(sample.id, ProblemKind::layout,
                   fmt::format("BIDS allows only the letters A to Z and digits, and the identifier "
                               "{} has none of them; change the recipe's `patient`",
                               sample.patient));
    if (const auto [other, is_new] = patients.emplace(lower_case(name.subject), sample.patient);
        !is_new && other->second != sample.patient)
      findings.add(
          sample.id, ProblemKind::layout,
          fmt::format("without the characters that BIDS does not allow, the patients {} and {} "
                      "would both be sub-{}; change the recipe's `patient`",
                      other->second, sample.patient, name.subject));
    else if (const auto [first, is_first] = ids.emplace(
                 std::pair(lower_case(name.subject), lower_case(name.session)), sample.id);
             !is_first)
      findings.add(sample.id, ProblemKind::layout,
                   fmt::format("would be {} in BIDS, as {} is; name the parts in which they differ "
                               "in the recipe",
                               name.stem(), first->second));
    names.push_back(name);
  }
  return names;
}

// Of each channel; of some where there are findings.
std::vector<BidsPlace> places_of(const ExportCohort& cohort, const ExportOptions& options,
                                 Findings& findings) {
  const std::string& suffix = options.bids_suffix;
  const bool is_one = cohort.channels.size() == 1;
  const bool is_hu = is_one && cohort.recipe.intensity().unit == "HU";
  if (!suffix.empty()) {
    if (!is_one || is_hu)
      throw UsageError(fmt::format("--bids_suffix {}: is of no use here, where {}", suffix,
                                   is_hu ? "the volumes are in HU, that is CT"
                                         : "the names of the channels say what they are"));
    if (!is_among(suffix, suffixes()))
      throw UsageError(fmt::format("--bids_suffix {}: BIDS has no such suffix; {}", suffix,
                                   did_you_mean(suffix, suffixes())));
    return {{suffix == "pet" || suffix == "ct" ? suffix : "anat", suffix}};
  }
  if (is_hu) return {places().at("ct")};
  std::vector<BidsPlace> found;
  std::map<std::string, std::string> called;  // channels by suffix
  for (const std::string& channel : cohort.channels) {
    const auto place = places().find(lower_case(channel));
    if (place != places().end()) {
      const auto [same, is_new] = called.emplace(place->second.suffix, channel);
      if (is_new)
        found.push_back(place->second);
      else
        findings.add(channel, ProblemKind::layout,
                     fmt::format("would be {} in BIDS, as the channel {} is; rename one of them in "
                                 "the recipe, or leave it out",
                                 same->first, same->second));
    } else if (channel.empty())
      findings.add("volumes", ProblemKind::layout,
                   "BIDS has to know what they are: give --bids_suffix, such as T1w, or give the "
                   "recipe `intensity: {unit: HU}` if they are CT");
    else
      findings.add(
          channel, ProblemKind::layout,
          "BIDS has no suffix for a channel of this name, so the dataset cannot be exported "
          "to it; if it is T1w, T1ce, T2w, FLAIR, PDw, CT or PET, call it so in the recipe");
  }
  return found;
}

struct BidsPlaces {
  std::vector<BidsName> names;    // of the samples
  std::vector<BidsPlace> places;  // of the channels

  std::string volume(std::size_t sample, std::size_t channel) const {
    const auto& [folder, suffix] = places[channel];
    return (names[sample].folder() / folder /
            fmt::format("{}_{}.nii.gz", names[sample].stem(), suffix))
        .generic_string();
  }
  // Without an ending.
  std::string mask(std::size_t sample) const {
    return (derivatives / names[sample].folder() / places.front().folder /
            (names[sample].stem() + "_dseg"))
        .generic_string();
  }
};

// The volumes of all channels, then the mask.
std::vector<ExportImage> bids_images(const ExportCohort& cohort, const BidsPlaces& in_bids,
                                     std::size_t i) {
  const ExportSample& sample = cohort.samples[i];
  std::vector<ExportImage> images;
  for (std::size_t channel = 0; channel < sample.channels.size(); ++channel)
    images.push_back({in_bids.volume(i, channel), {cohort.volume_of(sample, channel)}, false});
  if (sample.has_mask())
    images.push_back({in_bids.mask(i) + ".nii.gz", {cohort.mask_of(sample)}, true});
  return images;
}

// The JSON beside images: what PET needs in BIDS, and what a mask is of.
void add_sidecars(ExportPlan& plan, const ExportCohort& cohort, const BidsPlaces& in_bids) {
  const std::string& unit = cohort.recipe.intensity().unit;
  const std::string of_pet = (unit.empty() ? Json::object() : Json{{"Units", unit}}).dump(2) + "\n";
  for (std::size_t i = 0; i < cohort.samples.size(); ++i) {
    const BidsName& name = in_bids.names[i];
    Json sources = Json::array();
    for (std::size_t channel = 0; channel < in_bids.places.size(); ++channel) {
      const auto& [folder, suffix] = in_bids.places[channel];
      if (suffix == "pet")
        plan.texts.push_back({name.folder() / folder / (name.stem() + "_pet.json"), of_pet});
      sources.push_back("bids:raw:" + in_bids.volume(i, channel));
    }
    if (cohort.samples[i].has_mask() && !in_bids.places.empty())
      plan.texts.push_back({in_bids.mask(i) + ".json", Json{{"Sources", sources}}.dump(2) + "\n"});
  }
}

std::string labels_text(const LabelNames& labels) {
  std::vector<std::vector<std::string>> rows{{"index", "name"}};
  if (!labels.contains(0)) rows.push_back({"0", "background"});
  for (const auto& [label, name] : labels) rows.push_back({std::to_string(label), name});
  return bids_tsv(rows);
}

}  // namespace

ExportPlan plan_bids(const ExportCohort& cohort, const ExportOptions& options, Findings& findings) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "bids";
  plan.of_framework = files_of_others(options.output);
  const BidsPlaces in_bids{names_of(cohort, findings), places_of(cohort, options, findings)};
  const auto& [names, places] = in_bids;
  if (places.size() == cohort.channels.size())
    plan.images_of = [&cohort, in_bids](std::size_t i) { return bids_images(cohort, in_bids, i); };
  add_sidecars(plan, cohort, in_bids);
  std::error_code error;
  if (std::any_of(places.begin(), places.end(),
                  [](const BidsPlace& place) { return place.suffix == "pet"; }) &&
      !fs::exists(options.output / "pet.json", error))
    findings.report().listener().warning(fmt::format(
        "BIDS demands to know more of PET than is known here, such as TracerName, Manufacturer and "
        "TimeZero; write it into {}, which nicohort will not touch",
        (options.output / "pet.json").string()));
  const std::string name = !options.dataset_name.empty()   ? options.dataset_name
                           : !cohort.recipe.name().empty() ? cohort.recipe.name()
                                                           : "Dataset made by nicohort";
  const Json generated = Json::array({{{"Name", "nicohort"}, {"Version", NICOHORT_VERSION}}});
  const bool has_ct = std::any_of(places.begin(), places.end(),
                                  [](const BidsPlace& place) { return place.folder == "ct"; });
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
  add_bids_tables(plan, cohort, names);
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
