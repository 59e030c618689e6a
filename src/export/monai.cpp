#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "export/channels.hpp"
#include "export/fingerprint_file.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

// What MONAI's Auto3DSeg writes into the folder in which it is started.
const std::vector<fs::path>& files_of_auto3dseg() {
  static const std::vector<fs::path> files{"work_dir", "datastats.yaml", "datastats_by_case.yaml"};
  return files;
}

// Where an image is: a file of the export, which joins the plan, or of the dataset.
class Files {
 public:
  Files(ExportPlan& plan, const ExportCohort& cohort, bool zero_copy)
      : plan_(plan), cohort_(cohort), zero_copy_(zero_copy) {}

  // A text, or a list of one for each channel.
  Json volumes(const ExportSample& sample) {
    const std::string folder = cohort_.is_test(sample) ? "imagesTs" : "imagesTr";
    const auto files = sample.record.volumes();
    Json paths = Json::array();
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string& channel = cohort_.channels[i];
      paths.push_back(path(
          fs::path(folder) / (sample.id() + (channel.empty() ? "" : "_" + channel) + ".nii.gz"),
          files[i], false));
    }
    return paths.size() == 1 ? paths[0] : paths;
  }
  Json mask(const ExportSample& sample) {
    const std::string folder = cohort_.is_test(sample) ? "labelsTs" : "labelsTr";
    return path(fs::path(folder) / (sample.id() + ".nii.gz"), sample.mask(), true);
  }

 private:
  std::string path(const fs::path& target, const fs::path& source, bool is_mask) {
    if (zero_copy_) return path_from(plan_.folder, cohort_.root / source);
    plan_.images.push_back({target, {source}, is_mask});
    return target.generic_string();
  }

  ExportPlan& plan_;
  const ExportCohort& cohort_;
  const bool zero_copy_;
};

Json datalist(const ExportCohort& cohort, const std::string& name, const ExportLabels& labels,
              Files files) {
  Json training = Json::array(), validation = Json::array(), test = Json::array();
  for (const ExportSample& sample : cohort.samples) {
    Json entry{{"image", files.volumes(sample)}};
    if (sample.has_mask()) entry["label"] = files.mask(sample);
    entry["ID"] = sample.id();
    entry["patient"] = sample.patient;
    if (cohort.is_test(sample)) {
      test.push_back(std::move(entry));
    } else if (cohort.used.use == SplitUse::folds) {
      entry["fold"] = std::find(cohort.used.folds.begin(), cohort.used.folds.end(), sample.subset) -
                      cohort.used.folds.begin();
      training.push_back(std::move(entry));
    } else {
      (sample.subset == "val" ? validation : training).push_back(std::move(entry));
    }
  }
  Json json{{"name", name}};
  json["modality"] = Json::object();
  for (std::size_t i = 0; i < cohort.channels.size(); ++i)
    json["modality"][std::to_string(i)] =
        cohort.channels[i].empty() ? (is_ct(cohort, i) ? "CT" : "MRI") : cohort.channels[i];
  json["labels"] = Json::object();
  for (const auto& [label, label_name] : labels.names)
    json["labels"][std::to_string(label)] = label_name;
  json["numTraining"] = training.size();
  json["numTest"] = test.size();
  json["training"] = std::move(training);
  if (!validation.empty()) json["validation"] = std::move(validation);
  if (!test.empty()) {
    json["testing"] = test;  // as Auto3DSeg calls them
    json["test"] = std::move(test);
  }
  return json;
}

// The input of Auto3DSeg, YAML, whose lists are JSON. Overlapping regions are outputs of their own
// there.
std::string auto3dseg_text(const ExportCohort& cohort, const ExportLabels& labels,
                           const std::vector<LabelRegion>& regions) {
  std::string text = fmt::format("modality: {}\ndatalist: datalist.json\ndataroot: .\n",
                                 all_are_ct(cohort) ? "CT" : "MRI");
  Json classes = Json::array();
  if (regions.empty()) {
    for (const auto& [label, name] : labels.names)
      if (label != 0) classes.push_back(name);
  } else {
    text += "sigmoid: true\n";
    for (const LabelRegion& region : regions)
      classes.push_back({{"name", region.name}, {"index", region.labels}});
  }
  if (!classes.empty()) text += "class_names: " + classes.dump() + "\n";
  return text;
}

}  // namespace

ExportPlan plan_monai(const ExportCohort& cohort, const ExportOptions& options,
                      const ExportLabels& labels, Findings& findings) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "monai";
  plan.of_framework = files_of_auto3dseg();
  plan.new_labels = labels.new_labels;
  if (options.zero_copy) refuse_new_labels(labels, findings);
  require_distinct_ids(cohort, findings);
  const auto regions = regions_of(cohort.groups, labels, findings);
  const Json list =
      datalist(cohort, options.dataset_name.empty() ? cohort.recipe.name() : options.dataset_name,
               labels, Files(plan, cohort, options.zero_copy));
  if (list["training"].empty())
    findings.add("training", ProblemKind::split, "no sample is for training; choose another split");
  if (cohort.used.use != SplitUse::folds && !list.contains("validation") &&
      divides_patients(cohort))
    findings.report().listener().warning(
        "there is no validation subset, so Auto3DSeg will draw its folds by sample, and a patient "
        "with several scans can be in training and validation; make_split --folds 5 draws them by "
        "patient");
  add_fingerprint(plan, fingerprint_file, cohort, ImageAxes::file, findings.report().listener());
  plan.texts.push_back({"auto3dseg.yaml", auto3dseg_text(cohort, labels, regions)});
  plan.texts.push_back({"datalist.json", list.dump(2) + "\n"});
  plan.told = {fmt::format("Its index is {}.", (plan.folder / "datalist.json").string())};
  return plan;
}

}  // namespace nicohort
