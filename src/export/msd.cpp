#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "export/channels.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"

namespace nicohort {
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

// All channels of a volume are one image here, and masks of test samples none.
std::vector<ExportImage> msd_images(const ExportCohort& cohort, const ExportSample& sample) {
  const std::string file = sample.id + ".nii.gz";
  const bool is_test = cohort.is_test(sample);
  ExportImage volume{(is_test ? "imagesTs/" : "imagesTr/") + file, {}, false};
  for (std::size_t channel = 0; channel < sample.channels.size(); ++channel)
    volume.sources.push_back(cohort.volume_of(sample, channel));
  if (is_test || !sample.has_mask()) return {std::move(volume)};
  return {std::move(volume), {"labelsTr/" + file, {cohort.mask_of(sample)}, true}};
}

void put_msd_index(const ExportCohort& cohort, const Json& head, const TakeText& take) {
  const auto name_in_index = [](const ExportImage& image) { return "./" + image.target; };
  JsonText text(take, 2);
  text.begin_object();
  for (const auto& [key, value] : head.items()) text.member(key, value);
  text.begin_list("training");
  for (const ExportSample& sample : cohort.samples) {
    if (cohort.is_test(sample)) continue;
    const auto images = msd_images(cohort, sample);
    text.element({{"image", name_in_index(images[0])}, {"label", name_in_index(images[1])}});
  }
  text.end();
  text.begin_list("test");
  for (const ExportSample& sample : cohort.samples)
    if (cohort.is_test(sample)) text.element(name_in_index(msd_images(cohort, sample).front()));
  text.end();
  text.end();
  take("\n");
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
  std::size_t training = 0, masks_of_test = 0;
  for (const ExportSample& sample : cohort.samples) {
    training += !cohort.is_test(sample);
    masks_of_test += cohort.is_test(sample) && sample.has_mask();
  }
  if (training == 0)
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
  plan.images_of = [&cohort](std::size_t i) { return msd_images(cohort, cohort.samples[i]); };
  Json head{{"name", name.substr(7)},
            {"description", cohort.recipe.name()},
            {"reference", ""},
            {"licence", ""},
            {"release", ""},
            {"tensorImageSize", cohort.channels.size() > 1 ? "4D" : "3D"},
            {"modality", modalities(cohort)},
            {"labels", Json::object()}};
  for (const auto& [label, label_name] : labels.names)
    head["labels"][std::to_string(label)] = label_name;
  head["numTraining"] = training;
  head["numTest"] = cohort.samples.size() - training;
  plan.texts.push_back({"dataset.json", [&cohort, head = std::move(head)](const TakeText& take) {
                          put_msd_index(cohort, head, take);
                        }});
  plan.told = {fmt::format("Its index is {}.", (plan.folder / "dataset.json").string())};
  return plan;
}

}  // namespace nicohort
