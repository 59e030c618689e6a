#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/listener.hpp"
#include "base/shell_word.hpp"
#include "base/wording.hpp"
#include "export/channels.hpp"
#include "export/fingerprint_file.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* ending = ".nii.gz";

// nnU-Net normalises by the dataset's own values what is called CT, and each image by its own what
// has another name.
Json channel_names(const ExportCohort& cohort) {
  Json names = Json::object();
  for (std::size_t i = 0; i < cohort.channels.size(); ++i) {
    const std::string& name = cohort.channels[i];
    names[std::to_string(i)] = is_ct(cohort, i) ? "CT" : name.empty() ? "volume" : name;
  }
  return names;
}

Json labels_json(const ExportLabels& labels, const std::vector<LabelRegion>& regions) {
  Json json{{"background", 0}};
  if (regions.empty()) {
    for (const auto& [label, name] : labels.names)
      if (label != 0) json[name] = label;
    return json;
  }
  for (const LabelRegion& region : regions)
    if (region.labels.size() == 1)
      json[region.name] = region.labels.front();
    else
      json[region.name] = region.labels;
  if (labels.ignored) json["ignore"] = *labels.ignored;
  return json;
}

// ITK, by which nnU-Net reads NIfTI unless told otherwise, takes the qform where the directions of
// the sform are not orthogonal, which is another geometry.
bool has_shear(const ExportCohort& cohort) {
  return std::any_of(cohort.samples.begin(), cohort.samples.end(),
                     [](const ExportSample& sample) { return sample.has_shear; });
}

// The subset of each fold that is for validation.
std::vector<std::string> validation_subsets(const ExportCohort& cohort) {
  return cohort.used.use == SplitUse::subsets ? std::vector<std::string>{"val"} : cohort.used.folds;
}

bool has_sample_in(const ExportCohort& cohort, const std::string& subset) {
  return std::any_of(cohort.samples.begin(), cohort.samples.end(),
                     [&](const ExportSample& sample) { return sample.subset == subset; });
}

void put_folds(const ExportCohort& cohort, const TakeText& take) {
  JsonText text(take, 2);
  const auto put_ids = [&](const char* name, const auto& is_wanted) {
    text.begin_list(name);
    for (const ExportSample& sample : cohort.samples)
      if (is_wanted(sample)) text.element(sample.id);
    text.end();
  };
  text.begin_list();
  for (const std::string& val : validation_subsets(cohort)) {
    text.begin_object();
    put_ids("train", [&](const ExportSample& sample) {
      return !cohort.is_test(sample) && sample.subset != val;
    });
    put_ids("val", [&](const ExportSample& sample) { return sample.subset == val; });
    text.end();
  }
  text.end();
  take("\n");
}

// The volumes of all channels, then the mask.
std::vector<ExportImage> nnunet_images(const ExportCohort& cohort, const ExportSample& sample) {
  const char* subset = cohort.is_test(sample) ? "Ts" : "Tr";
  std::vector<ExportImage> images;
  for (std::size_t channel = 0; channel < sample.channels.size(); ++channel)
    images.push_back({fmt::format("images{}/{}_{:04}{}", subset, sample.id, channel, ending),
                      {cohort.volume_of(sample, channel)},
                      false});
  if (sample.has_mask())
    images.push_back(
        {fmt::format("labels{}/{}{}", subset, sample.id, ending), {cohort.mask_of(sample)}, true});
  return images;
}

// The images where they are: relative to the export's folder.
void put_images_in_place(const ExportCohort& cohort, const fs::path& folder, JsonText& text) {
  text.begin_object("dataset");
  for (const ExportSample& sample : cohort.samples) {
    if (cohort.is_test(sample)) continue;
    std::vector<std::string> paths;
    for (const ExportImage& image : nnunet_images(cohort, sample))
      paths.push_back(path_from(folder, cohort.root / image.sources.front().file));
    const std::string mask = std::move(paths.back());
    paths.pop_back();
    text.member(sample.id, {{"images", paths}, {"label", mask}});
  }
  text.end();
}

// nnU-Net takes two folders of one number for an error.
void require_free_number(const fs::path& output, const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(output, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(folder.substr(0, 11)) && name != folder)
      throw UsageError(fmt::format("{}: the number {} is taken by {}; give another --dataset_id",
                                   output.string(), std::stoi(name.substr(7, 3)), name));
  }
}

// Where nnU-Net finds the export and its folds.
std::vector<std::string> next_steps(const ExportPlan& plan, const fs::path& output) {
  const auto full = [](const fs::path& path) { return fs::absolute(path).lexically_normal(); };
  const fs::path raw = full(output);
  std::vector<std::string> told{
      fmt::format("Its index is {}.", (plan.folder / "dataset.json").string())};
  for (const ExportText& text : plan.texts)
    if (text.target.filename() == "splits_final.json")
      told.push_back(
          fmt::format("Its folds are in {}; nnU-Net finds them there with these "
                      "variables:",
                      (plan.folder / text.target).lexically_normal().string()));
  if (told.size() == 1) told.push_back("nnU-Net finds it with these variables:");
  told.push_back("export nnUNet_raw=" + shell_word(raw.string()));
  told.push_back("export nnUNet_preprocessed=" +
                 shell_word((raw / "nnUNet_preprocessed").string()));
  return told;
}

}  // namespace

ExportPlan plan_nnunet(const ExportCohort& cohort, const ExportOptions& options,
                       const ExportLabels& labels, Findings& findings) {
  Listener& listener = findings.report().listener();
  const std::string name = numbered_name(options, cohort.recipe, {"Dataset", 999, true});
  require_free_number(options.output, name);
  if (options.dataset_id <= 10)
    listener.warning(fmt::format(
        "nnU-Net uses the numbers 1 to 10 for the Medical Segmentation Decathlon; {} may clash",
        options.dataset_id));
  require_distinct_ids(cohort, findings);
  const auto count_of = [&](bool is_test) {
    return std::count_if(cohort.samples.begin(), cohort.samples.end(),
                         [&](const auto& sample) { return cohort.is_test(sample) == is_test; });
  };
  if (count_of(false) == 0)
    findings.add(name, ProblemKind::split, "no sample is for training; choose another split");

  ExportPlan plan;
  plan.folder = options.output / name;
  plan.format = "nnunet";
  plan.new_labels = labels.new_labels;
  const fs::path preprocessed = fs::path("..") / "nnUNet_preprocessed" / name;
  const fs::path splits = preprocessed / "splits_final.json",
                 fingerprint = preprocessed / fingerprint_file;
  plan.beside = {splits, fingerprint};
  const auto regions = regions_of(cohort.groups, labels, findings);
  Json head{{"channel_names", channel_names(cohort)}, {"labels", labels_json(labels, regions)}};
  if (!regions.empty()) head["regions_class_order"] = region_order(regions);
  head["numTraining"] = count_of(false);
  head["file_ending"] = ending;
  const bool is_sheared = has_shear(cohort);
  if (is_sheared) head["overwrite_image_reader_writer"] = "NibabelIOWithReorient";
  head["name"] = name.substr(11);
  head["converted_by"] = "nicohort " NICOHORT_VERSION;
  if (options.zero_copy) {
    refuse_new_labels(labels, findings);
    if (count_of(true) > 0)
      listener.summary(fmt::format(
          "{} left out: nnU-Net has no place for test images where they are (--zero_copy).",
          counted(count_of(true), "test sample")));
  } else {
    plan.images_of = [&cohort](std::size_t i) { return nnunet_images(cohort, cohort.samples[i]); };
  }
  const auto validation = validation_subsets(cohort);
  if (!validation.empty() && has_sample_in(cohort, validation.front()))
    plan.texts.push_back({splits, [&cohort](const TakeText& take) { put_folds(cohort, take); }});
  else if (divides_patients(cohort))
    listener.warning(
        "there is no validation subset, so nnU-Net will draw its folds by case, and a patient with "
        "several scans can be in training and validation; make_split --folds 5 draws them by "
        "patient");
  add_fingerprint(plan, fingerprint, cohort, is_sheared ? ImageAxes::body : ImageAxes::file,
                  listener);
  plan.texts.push_back({"dataset.json", [&cohort, head = std::move(head), folder = plan.folder,
                                         in_place = options.zero_copy](const TakeText& take) {
                          JsonText text(take, 2);
                          text.begin_object();
                          for (const auto& [key, value] : head.items()) text.member(key, value);
                          if (in_place) put_images_in_place(cohort, folder, text);
                          text.end();
                          take("\n");
                        }});
  plan.told = next_steps(plan, options.output);
  return plan;
}

}  // namespace nicohort
