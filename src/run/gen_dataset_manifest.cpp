#include "run/gen_dataset_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dataset/dataset_at_work.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/dataset_problems.hpp"
#include "dataset/dataset_recipe.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/samples.hpp"
#include "image/image_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct CheckedSample {
  SampleDescription description;
  bool consistent = true;
};

CheckedSample check_sample(const fs::path& root, const std::vector<std::string>& parts,
                           const SampleFiles& files, ProblemSink& problems) {
  require_below(root, files);
  CheckedSample checked{{files, {}, {}, {}, {}}};
  SampleDescription& sample = checked.description;
  std::optional<DataType> type_of_masks;  // of the first mask
  auto header_of = [&](const fs::path& file) {
    return blaming(file.generic_string(), [&] { return read_header(root / file); });
  };
  auto compare = [&](const fs::path& file, const Header& header) {
    if (!type_of_masks) type_of_masks = header.type;
    const std::string differs = inconsistency(sample.volume, header, *type_of_masks);
    if (differs.empty()) return;
    checked.consistent = false;
    problems.add(files.id, ProblemKind::geometry,
                 fmt::format("{} differs from the sample's other images in {}; write the sample "
                             "again with confirm_pairs",
                             file.generic_string(), differs));
  };
  sample.info =
      blaming(files.info().generic_string(), [&] { return read_info(root / files.info(), parts); });
  if (sample.info.id != files.id)
    throw BadInput(files.info().generic_string(), ProblemKind::layout,
                   fmt::format("names the ID {}; the folder is {}: correct one of them",
                               sample.info.id, files.id));
  sample.volume = header_of(files.volume());
  std::error_code error;
  if (fs::exists(root / files.mask(), error)) {
    Header mask = header_of(files.mask());
    compare(files.mask(), mask);
    sample.mask = mask;
  }
  for (BinaryMaskFile& file : find_binary_masks(root, files)) {
    LoadedMask mask = load_mask(root, file.path);
    compare(file.path, mask.header);
    sample.binaries.push_back({std::move(file), !mask.labels.runs().empty()});
  }
  return checked;
}

}  // namespace

Report gen_dataset_manifest(const DatasetManifestOptions& options, const Context& context) {
  require_sheet_name(options.sheet_name);
  find_samples(options.root_dir);  // is it a dataset?
  const DatasetAtWork dataset(options.root_dir, options.output_manifest_file, context.listener);
  const auto files = find_samples(options.root_dir);
  const auto ids = ids_of(files);
  const auto parts = names_of(load_dataset_recipe(options.root_dir).parts());
  Report report(context.listener);
  const auto records = read_records(options.root_dir);
  for (const Problem& problem : lost_samples(records, {ids.begin(), ids.end()}))
    report.add(problem);
  if (const std::string told = told_of_steps(records); !told.empty())
    context.listener.summary(told);
  auto checked = map_items<CheckedSample>(
      "samples", ids, context, report, [&](std::size_t i, ProblemSink& problems) {
        return check_sample(options.root_dir, parts, files[i], problems);
      });
  std::vector<SampleDescription> samples;
  std::size_t inconsistent = 0;
  for (auto& sample : checked) {
    if (!sample) continue;
    if (sample->consistent)
      samples.push_back(std::move(sample->description));
    else
      ++inconsistent;
  }
  if (inconsistent > 0 && !options.keep_going) {
    context.listener.summary(fmt::format(
        "{} inconsistent in {}; no manifest was written. Correct them, or leave them out with "
        "--keep_going.",
        inconsistent == 1 ? "1 sample is" : counted(inconsistent, "sample") + " are",
        options.root_dir.string()));
    return report;
  }
  if (samples.empty()) {
    context.listener.summary("No sample can be used; no manifest was written.");
    return report;
  }
  Table table = dataset_table(samples);
  put_manifest(options.output_manifest_file, {options.sheet_name, std::move(table)});
  context.listener.summary(fmt::format("{} of {} in the manifest {}.", samples.size(),
                                       counted(files.size(), "sample"),
                                       options.output_manifest_file.string()));
  return report;
}

}  // namespace nicohort
