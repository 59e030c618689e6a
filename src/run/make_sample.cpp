#include "run/make_sample.hpp"

#include "dataset/dataset_file.hpp"
#include "dataset/mask_file.hpp"
#include "image/image_file.hpp"
#include "run/finish_mask.hpp"
#include "step/confirm.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// A mask that cannot be read is not in the archive's manifest: what was made of it when it could
// stays.
void require_mask_gone(const ArchiveNames& archive, const ArchiveSample& sample,
                       const std::optional<SampleRecord>& before) {
  if (!before || before->inputs.size() < 2) return;
  const std::string& mask = before->inputs[1].path;
  const auto file = archive.find(mask);
  std::error_code error;
  if (sample.mask.empty() && file && fs::exists(*file, error))
    throw BadInput(mask, ProblemKind::incomplete,
                   "is in the archive, but cannot be used; the dataset keeps the mask made from "
                   "it. Correct the file, or remove it from the archive");
}

// The mask of an archived sample, with the volume's geometry.
struct DrawnMask {
  LabelMask labels;
  std::string sha256;
};
DrawnMask read_drawn_mask(const ArchiveNames& archive, const ArchiveSample& sample,
                          const Geometry& volume, std::vector<Problem>& problems) {
  LoadedMask mask =
      archive.open(sample.mask, [&](const auto& file) { return read_mask(file, true); });
  const auto warning =
      blaming(sample.mask, [&] { return confirm_geometry(volume, mask.header.geometry); });
  if (warning) problems.push_back({sample.mask, ProblemKind::geometry, *warning});
  return {std::move(mask.labels), mask.sha256};
}

BinaryMask no_voxels(const Size3& size) {
  BinaryMask none(size);
  none.end_rows(size.rows());
  return none;
}

std::vector<Window> windows_of(const Steps& steps) {
  std::vector<Window> windows;
  for (const StepPtr& step : steps)
    for (const Window& window : step->windows()) windows.push_back(window);
  return windows;
}

}  // namespace

MadeSample make_sample(Transaction& dataset, const Making& making, const ArchiveSample& sample,
                       const std::optional<SampleRecord>& before) {
  const ArchiveNames& archive = making.archive;
  if (sample.volume.empty())
    throw BadInput(sample.mask, ProblemKind::incomplete,
                   "is a mask without a volume; sample left out: add its volume");
  const SampleFiles& files = sample.files;
  StagedSample staged = dataset.stage(files.id, files.folder);
  // Before anything is read of a sample that is not all in the archive.
  staged.watch(archive.locate(sample.volume));
  if (!sample.mask.empty()) staged.watch(archive.locate(sample.mask));
  require_mask_gone(archive, sample, before);

  MadeSample made;
  SampleRecord& record = made.record;
  record.id = files.id;
  record.folder = files.folder.generic_string();
  record.parts = sample.info.parts;
  record.compression = name_of(making.compression);
  ImageReader volume =
      archive.open(sample.volume, [&](const auto& file) { return ImageReader(file, true); });
  const Geometry source = volume.header().geometry;
  std::optional<DrawnMask> drawn;
  if (!sample.mask.empty()) drawn = read_drawn_mask(archive, sample, source, record.problems);
  // What a reader of the written volume gets: SPEC 3 derives spacing and codes anew.
  const Geometry geometry = parse_header(make_header(source, DataType::float32)).geometry;

  const BinaryMask where = drawn ? foreground(drawn->labels) : no_voxels(source.size);
  Examiner examiner(geometry, where);
  Values values([&](const TakeValues& take) {
    archive.open(sample.volume, [&](const auto& file) { ImageReader(file).read_values(take); });
  });
  const Steps steps = steps_of(making, sample);
  if (drawn) values.expect(where, windows_of(steps));
  ImageWriter output(staged.add(files.volume().filename().string()), source, DataType::float32,
                     making.compression);
  blaming(sample.volume, [&] {
    volume.read_values([&](std::span<const float> piece) {
      output.write(piece);
      examiner.feed(piece);
      values.feed(piece);
    });
  });
  output.finish();
  record.volume = VolumeSummary{geometry, volume.value_hash()};
  record.inputs = {{sample.volume, volume.sha256()}};
  BinaryMask shown = where;
  if (drawn) {
    record.inputs.push_back({sample.mask, drawn->sha256});
    MaskState state{std::move(drawn->labels), geometry, making.labels, making.groups};
    record.mask = MaskSummary{{}, examiner.intensity()};
    do_steps(steps, state, values, record);
    add_masks(staged, files, state, making.compression);
    shown = foreground(state.mask);
  }
  staged.add(files.info().filename().string()).write(info_text(sample.info));
  made.committed = staged.commit(record);
  if (making.takes_picture) made.picture = examiner.picture(where, shown);
  return made;
}

void put_naming(Transaction& dataset, const fs::path& folder, const Recipe& recipe,
                const std::string& naming) {
  dataset.put_own_file(OwnFolder(folder).recipe(), recipe.text());
  DatasetFile file = read_dataset_file(folder);
  file.naming = naming;
  dataset.put_own_file(OwnFolder(folder).dataset_file(), text_of(file));
}

Steps steps_of(const Making& making, const ArchiveSample& sample) {
  return steps_for(making.steps,
                   [&](const std::string& column) { return sample.info.column(column); });
}

Work work_of(const Making& making, const std::string& command) {
  Work work{command, true, works_of(all_steps(making.steps)), making.labels,
            name_of(making.compression)};
  work.groups = making.groups;
  return work;
}

}  // namespace nicohort
