// Routine 04: checks every sample of the dataset and writes its manifest.
#include <fmt/format.h>

#include <algorithm>

#include "dataset/dataset_manifest.hpp"
#include "dataset/dataset_problems.hpp"
#include "dataset/dataset_recipe.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/samples.hpp"
#include "nifti/image_file.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_at_work.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct DatasetManifestOptions {
  fs::path root_dir, output_manifest_file;
  std::string sheet_name = "Manifest";
  bool keep_going = false;
};

struct CheckedSample {
  SampleDescription description;
  bool consistent = true;
};

CheckedSample check_sample(const fs::path& root, const std::vector<std::string>& parts,
                           const SampleFiles& files, ProblemSink& problems) {
  require_below(root, files);
  CheckedSample checked{{files, {}, {}, {}, {}}};
  SampleDescription& sample = checked.description;
  std::optional<DataType> mask_type;  // of the first mask
  auto header_of = [&](const fs::path& file) {
    return blaming(file.generic_string(), [&] { return read_header(root / file); });
  };
  auto compare = [&](const fs::path& file, const Header& header) {
    if (!mask_type) mask_type = header.type;
    const std::string differs = inconsistency(sample.volume, header, *mask_type);
    if (differs.empty()) return;
    checked.consistent = false;
    problems.add(files.id,
                 fmt::format("{} differs from the sample's other images in {}; write the sample "
                             "again with confirm_pairs",
                             file.generic_string(), differs));
  };
  sample.info =
      blaming(files.info().generic_string(), [&] { return read_info(root / files.info(), parts); });
  if (sample.info.id != files.id)
    throw BadInput(files.info().generic_string(),
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

int gen_dataset_manifest(const DatasetManifestOptions& options, const Effort& effort) {
  require_sheet_name(options.sheet_name);
  find_samples(options.root_dir);  // is it a dataset?
  const DatasetAtWork dataset(options.root_dir, options.output_manifest_file);
  const auto files = find_samples(options.root_dir);
  const auto ids = ids_of(files);
  const auto parts = names_of(load_dataset_recipe(options.root_dir).parts());
  Report report;
  const auto records = read_records(options.root_dir);
  for (const Problem& problem : lost_samples(records, {ids.begin(), ids.end()}))
    report.add(problem);
  if (const std::string told = told_of_steps(records); !told.empty()) say(told);
  auto checked = map_items<CheckedSample>(
      "samples", ids, effort, report, [&](std::size_t i, ProblemSink& problems) {
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
  const fs::path problems_file = problems_beside(options.output_manifest_file);
  if (inconsistent > 0 && !options.keep_going) {
    say(fmt::format(
        "{} inconsistent in {}; no manifest was written. Correct them, or leave them out with "
        "--keep_going.",
        inconsistent == 1 ? "1 sample is" : counted(inconsistent, "sample") + " are",
        options.root_dir.string()));
    return finish(report, problems_file);
  }
  if (samples.empty()) {
    say("No sample can be used; no manifest was written.");
    return finish(report, problems_file);
  }
  Table table = dataset_table(samples);
  put_manifest(options.output_manifest_file, {options.sheet_name, std::move(table)});
  say(fmt::format("{} of {} in the manifest {}.", samples.size(), counted(files.size(), "sample"),
                  options.output_manifest_file.string()));
  return finish(report, problems_file);
}

}  // namespace

void add_gen_dataset_manifest(Program& program) {
  Command command = program.command(
      "gen_dataset_manifest", "04_gen_dataset_manifest",
      "Check that the images of every sample agree and write the dataset's manifest",
      "nicohort gen_dataset_manifest --root_dir root_dir/grouped "
      "--output_manifest_file root_dir/grouped/dataset_manifest.xlsx");
  auto options = std::make_shared<DatasetManifestOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command
      .option("--output_manifest_file", options->output_manifest_file,
              "The manifest to write, .xlsx or .csv")
      .names_a_table()
      .required();
  command.option("--sheet_name", options->sheet_name, "The manifest's worksheet").shows_default();
  command.flag("--keep_going", options->keep_going,
               "Leave inconsistent samples out and write the others");
  command.work([=](const Effort& effort) { return gen_dataset_manifest(*options, effort); });
}

}  // namespace nicohort
