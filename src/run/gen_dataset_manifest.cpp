#include "run/gen_dataset_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/wording.hpp"
#include "dataset/dataset.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/recorded_files.hpp"
#include "image/image_file.hpp"
#include "step/confirm.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct CheckedSample {
  SampleDescription description;
  bool consistent = true;
  std::vector<std::string> missing_binaries = {};  // masks of labels and groups on record
};

CheckedSample check_sample(const Dataset& dataset, const InfoKeys& keys, const FoundSample& found,
                           ProblemSink& problems) {
  const fs::path& root = dataset.root;
  const SampleFiles files = found.files();
  require_below(root, files);
  const auto record = readable_record(root, found.id);
  CheckedSample checked{{files, {}, channels_of(record, dataset.recipe), {}, {}, {}}};
  if (record)
    for (const fs::path& mask : missing_masks(root, *record, files)) {
      if (mask == files.mask())
        problems.add(missing(mask));
      else
        checked.missing_binaries.push_back(mask.generic_string());
    }
  SampleDescription& sample = checked.description;
  std::optional<DataType> type_of_masks;  // of the first mask
  auto header_of = [&](const fs::path& file) {
    return blaming(file.generic_string(), [&] { return read_header(root / file); });
  };
  auto tell = [&](const fs::path& file, const std::string& differs) {
    if (differs.empty()) return;
    checked.consistent = false;
    problems.add(files.id, ProblemKind::geometry,
                 fmt::format("{} differs from the sample's other images in {}; write the sample "
                             "again with confirm_pairs",
                             file.generic_string(), differs));
  };
  auto tell_doubt = [&](const fs::path& file, const std::string& doubt) {
    if (!doubt.empty()) problems.add(file.generic_string(), ProblemKind::geometry, doubt);
  };
  auto compare = [&](const fs::path& file, const Header& header) {
    tell_doubt(file, doubt_of(header, &sample.volume.geometry));
    if (!type_of_masks) type_of_masks = header.type;
    tell(file, inconsistency(sample.volume, header, *type_of_masks));
  };
  sample.info = read_info(root, files, keys);
  sample.volume = header_of(files.volume(sample.channels.front()));
  tell_doubt(files.volume(sample.channels.front()), doubt_of(sample.volume));
  for (const std::string& channel : std::span(sample.channels).subspan(1)) {
    const fs::path file = files.volume(channel);
    const Header header = header_of(file);
    tell_doubt(file, doubt_of(header, &sample.volume.geometry));
    tell(file, inconsistency(sample.volume.geometry, header.geometry));
  }
  std::error_code error;
  if (fs::exists(root / files.mask(), error)) {
    Header mask = header_of(files.mask());
    compare(files.mask(), mask);
    sample.mask = mask;
  }
  std::vector<BinaryMaskFile> binaries = find_binary_masks(root, files);
  if (record)
    for (BinaryMaskFile& file : find_group_masks(root, files, record->groups))
      binaries.push_back(std::move(file));
  for (BinaryMaskFile& file : binaries) {
    LoadedMask mask = load_mask(root, file.path);
    compare(file.path, mask.header);
    sample.binaries.push_back({std::move(file), !mask.labels.runs().empty()});
  }
  return checked;
}

}  // namespace

Report gen_dataset_manifest(const DatasetManifestOptions& options, const Context& context) {
  require_sheet_name(options.sheet_name);
  require_keepable(options.output_manifest_file);
  const Dataset dataset = Dataset::open(
      options.root_dir, {DatasetUse::finished, {}, options.output_manifest_file}, context.listener);
  const InfoKeys keys = info_keys(dataset.recipe);
  Report report(context.listener);
  for (const Problem& problem : dataset.problems) report.add(problem);
  if (!dataset.steps_differ.empty()) context.listener.summary(dataset.steps_differ);
  DatasetTable samples;
  std::size_t inconsistent = 0;
  std::vector<std::string> missing_binaries;
  fold_items<CheckedSample>(
      "samples", ids_of(dataset.samples), context, report,
      [&](std::size_t i, ProblemSink& problems) {
        return check_sample(dataset, keys, dataset.samples[i], problems);
      },
      [&](std::size_t, const std::optional<CheckedSample>& checked) {
        if (checked)
          missing_binaries.insert(missing_binaries.end(), checked->missing_binaries.begin(),
                                  checked->missing_binaries.end());
        if (checked && checked->consistent)
          samples.add(checked->description);
        else if (checked)
          ++inconsistent;
      });
  if (inconsistent > 0 && !options.keep_going) {
    context.listener.summary(fmt::format(
        "{} inconsistent in {}; no manifest was written. Correct them, or leave them out with "
        "--keep_going.",
        inconsistent == 1 ? "1 sample is" : counted(inconsistent, "sample") + " are",
        options.root_dir.string()));
    return report;
  }
  if (const std::size_t count = missing_binaries.size(); count > 0)
    context.listener.warning(fmt::format(
        "{} {} missing, so the existence of {} in the manifest is empty: {}; make {} again with "
        "extract_binary_masks",
        counted(count, "binary mask"), count == 1 ? "is" : "are",
        count == 1 ? "its label" : "their labels", some_of(missing_binaries),
        count == 1 ? "it" : "them"));
  const std::size_t usable = samples.rows();
  if (usable == 0) {
    context.listener.summary("No sample can be used. No manifest was written.");
    return report;
  }
  put_manifest(options.output_manifest_file, {options.sheet_name, std::move(samples).table()});
  context.listener.summary(fmt::format("{} of {} in the manifest {}.", usable,
                                       counted(dataset.samples.size(), "sample"),
                                       options.output_manifest_file.string()));
  return report;
}

}  // namespace nicohort
