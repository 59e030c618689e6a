#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "export/channels.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

Json modalities(const ExportCohort& cohort) {
  Json json = Json::object();
  for (std::size_t i = 0; i < cohort.channels.size(); ++i)
    json[std::to_string(i)] = !cohort.channels[i].empty() ? cohort.channels[i]
                              : is_ct(cohort, i)          ? "CT"
                                                          : "MRI";
  return json;
}

}  // namespace

ExportPlan plan_msd(const ExportCohort& cohort, const ExportOptions& options,
                    const ExportLabels& labels, Findings& findings) {
  Listener& listener = findings.report().listener();
  ExportPlan plan;
  const std::string name = numbered_name(options, cohort.recipe, {"Task", 99, false});
  plan.folder = options.output / name;
  plan.format = "msd";
  plan.new_labels = labels.new_labels;
  plan.folders = {"imagesTr", "imagesTs", "labelsTr"};
  require_distinct_ids(cohort, findings);
  Json training = Json::array(), test = Json::array();
  std::size_t masks_of_test = 0;
  for (const ExportSample& sample : cohort.samples) {
    const std::string file = sample.id() + ".nii.gz";
    const bool is_test = cohort.is_test(sample);
    const fs::path image = fs::path(is_test ? "imagesTs" : "imagesTr") / file;
    plan.images.push_back({image, sample.record.volumes(), false});
    if (is_test) {
      test.push_back("./" + image.generic_string());
      masks_of_test += sample.has_mask();
      continue;
    }
    const fs::path mask = fs::path("labelsTr") / file;
    plan.images.push_back({mask, {sample.mask()}, true});
    training.push_back(
        {{"image", "./" + image.generic_string()}, {"label", "./" + mask.generic_string()}});
  }
  if (training.empty())
    findings.add(name, ProblemKind::split, "no sample is for training; choose another split");
  if (masks_of_test > 0)
    listener.summary(
        fmt::format("{} of test samples left out: the Decathlon has no folder labelsTs.",
                    counted(masks_of_test, "mask")));
  if (cohort.used.use == SplitUse::folds)
    listener.warning("this format has no folds: the samples of all of them are training samples");
  else if (std::any_of(cohort.samples.begin(), cohort.samples.end(),
                       [](const auto& sample) { return sample.subset == "val"; }))
    listener.warning("this format has no validation subset: its samples are training samples");
  Json json{{"name", name.substr(7)},
            {"description", cohort.recipe.name()},
            {"reference", ""},
            {"licence", ""},
            {"release", ""},
            {"tensorImageSize", cohort.channels.size() > 1 ? "4D" : "3D"},
            {"modality", modalities(cohort)},
            {"labels", Json::object()}};
  for (const auto& [label, label_name] : labels.names)
    json["labels"][std::to_string(label)] = label_name;
  json["numTraining"] = training.size();
  json["numTest"] = test.size();
  json["training"] = std::move(training);
  json["test"] = std::move(test);
  plan.texts.push_back({"dataset.json", json.dump(2) + "\n"});
  plan.told = {fmt::format("Its index is {}.", (plan.folder / "dataset.json").string())};
  return plan;
}

}  // namespace nicohort
