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

// The volumes of all channels, then the mask.
std::vector<ExportImage> monai_images(const ExportCohort& cohort, const ExportSample& sample) {
  const char* subset = cohort.is_test(sample) ? "Ts" : "Tr";
  std::vector<ExportImage> images;
  for (std::size_t i = 0; i < sample.channels.size(); ++i) {
    const std::string& channel = cohort.channels[i];
    images.push_back({fmt::format("images{}/{}{}{}.nii.gz", subset, sample.id,
                                  channel.empty() ? "" : "_", channel),
                      {cohort.volume_of(sample, i)},
                      false});
  }
  if (sample.has_mask())
    images.push_back(
        {fmt::format("labels{}/{}.nii.gz", subset, sample.id), {cohort.mask_of(sample)}, true});
  return images;
}

// Which list of the datalist a sample is in.
enum class MonaiList { training, validation, test };
MonaiList list_of(const ExportCohort& cohort, const ExportSample& sample) {
  if (cohort.is_test(sample)) return MonaiList::test;
  return cohort.used.use != SplitUse::folds && sample.subset == "val" ? MonaiList::validation
                                                                      : MonaiList::training;
}

std::size_t count_in(const ExportCohort& cohort, MonaiList list) {
  return std::count_if(cohort.samples.begin(), cohort.samples.end(),
                       [&](const ExportSample& sample) { return list_of(cohort, sample) == list; });
}

// Images are files of the export, or of the dataset where they stay in place.
struct Datalist {
  Json head;  // what stands before the lists
  fs::path folder;
  bool is_in_place = false;

  Json entry(const ExportCohort& cohort, const ExportSample& sample) const {
    std::vector<std::string> paths;
    for (const ExportImage& image : monai_images(cohort, sample))
      paths.push_back(is_in_place ? path_from(folder, cohort.root / image.sources.front().file)
                                  : image.target);
    const std::string mask = sample.has_mask() ? paths.back() : "";
    if (sample.has_mask()) paths.pop_back();
    Json entry{{"image", paths.size() == 1 ? Json(paths[0]) : Json(paths)}};
    if (sample.has_mask()) entry["label"] = mask;
    entry["ID"] = sample.id;
    entry["patient"] = sample.patient;
    if (!cohort.is_test(sample) && cohort.used.use == SplitUse::folds)
      entry["fold"] = std::find(cohort.used.folds.begin(), cohort.used.folds.end(), sample.subset) -
                      cohort.used.folds.begin();
    return entry;
  }

  void put(const ExportCohort& cohort, const TakeText& take) const {
    JsonText text(take, 2);
    const auto put_list = [&](const char* name, MonaiList list) {
      if (list != MonaiList::training && count_in(cohort, list) == 0) return;
      text.begin_list(name);
      for (const ExportSample& sample : cohort.samples)
        if (list_of(cohort, sample) == list) text.element(entry(cohort, sample));
      text.end();
    };
    text.begin_object();
    for (const auto& [key, value] : head.items()) text.member(key, value);
    put_list("training", MonaiList::training);
    put_list("validation", MonaiList::validation);
    put_list("testing", MonaiList::test);  // as Auto3DSeg calls them
    put_list("test", MonaiList::test);
    text.end();
    take("\n");
  }
};

Json datalist_head(const ExportCohort& cohort, const std::string& name,
                   const ExportLabels& labels) {
  Json head{{"name", name}};
  head["modality"] = Json::object();
  for (std::size_t i = 0; i < cohort.channels.size(); ++i)
    head["modality"][std::to_string(i)] =
        cohort.channels[i].empty() ? (is_ct(cohort, i) ? "CT" : "MRI") : cohort.channels[i];
  head["labels"] = Json::object();
  for (const auto& [label, label_name] : labels.names)
    head["labels"][std::to_string(label)] = label_name;
  head["numTraining"] = count_in(cohort, MonaiList::training);
  head["numTest"] = count_in(cohort, MonaiList::test);
  return head;
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
  if (options.zero_copy)
    refuse_new_labels(labels, findings);
  else
    plan.images_of = [&cohort](std::size_t i) { return monai_images(cohort, cohort.samples[i]); };
  require_distinct_ids(cohort, findings);
  const auto regions = regions_of(cohort.groups, labels, findings);
  if (count_in(cohort, MonaiList::training) == 0)
    findings.add("training", ProblemKind::split, "no sample is for training; choose another split");
  if (cohort.used.use != SplitUse::folds && count_in(cohort, MonaiList::validation) == 0 &&
      divides_patients(cohort))
    findings.report().listener().warning(
        "there is no validation subset, so Auto3DSeg will draw its folds by sample, and a patient "
        "with several scans can be in training and validation; make_split --folds 5 draws them by "
        "patient");
  add_fingerprint(plan, fingerprint_file, cohort, ImageAxes::file, findings.report().listener());
  plan.texts.push_back({"auto3dseg.yaml", auto3dseg_text(cohort, labels, regions)});
  const std::string& name =
      options.dataset_name.empty() ? cohort.recipe.name() : options.dataset_name;
  plan.texts.push_back(
      {"datalist.json", [&cohort, list = Datalist{datalist_head(cohort, name, labels), plan.folder,
                                                  options.zero_copy}](const TakeText& take) {
         list.put(cohort, take);
       }});
  plan.told = {fmt::format("Its index is {}.", (plan.folder / "datalist.json").string())};
  return plan;
}

}  // namespace nicohort
