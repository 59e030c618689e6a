// A cohort of small images with a dataset that was made of it by the built-in recipe's steps.
#pragma once

#include <string>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/sha256.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/info.hpp"
#include "dataset/transaction.hpp"
#include "image/image_file.hpp"
#include "image/value_hash.hpp"
#include "mask/operations.hpp"
#include "recipe/recipe.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"

namespace nicohort::testing {

// Below a folder of its own: `archive`, of which only the masks are there, and `grouped`.
class ImageDataset {
 public:
  explicit ImageDataset(const std::vector<std::string>& pids) {
    Work work;
    work.command = "run";
    Transaction transaction(dataset(), work, nobody());
    for (const std::string& pid : pids) put(transaction, pid);
    transaction.put_own_file(OwnFolder(dataset()).dataset_file(), text_of(DatasetFile{}));
    transaction.finish();
  }

  const std::filesystem::path& root() const { return folder_.path(); }
  std::filesystem::path dataset() const { return root() / "grouped"; }

  static std::string id_of(const std::string& pid) { return "TJ_" + pid + "_pre"; }
  static SampleFiles files_of(const std::string& pid) {
    return {"TJ/pre/" + id_of(pid), id_of(pid)};
  }
  static std::string drawn_path(const std::string& pid) {
    return "tongji/pre-therapy/masks/TJ_" + pid + ".nii.gz";
  }
  SampleRecord record(const std::string& pid) const {
    return read_record(dataset(), id_of(pid)).value();
  }
  void put_record(const SampleRecord& record) const {
    write_file(OwnFolder(dataset()).record(record.id), record_text(record));
  }

  // With another mask in the place of the archive's.
  void draw_anew(const std::string& pid) const {
    write_mask(root() / "archive" / drawn_path(pid), drawn_mask(true));
  }

 private:
  static Geometry geometry() {
    Geometry geometry;
    geometry.size = {8, 6, 4};
    geometry.spacing = {1, 1, 2};
    geometry.affine.diagonal() << 1, 1, 2, 1;
    geometry.sform_code = geometry.qform_code = 1;
    return parse_header(make_header(geometry, DataType::float32)).geometry;
  }

  // A block, and a speck of one voxel that cleaning removes.
  static LabelMask drawn_mask(bool is_other) {
    const Size3 size = geometry().size;
    std::vector<std::uint8_t> voxels(size.voxels());
    for (std::int64_t z = 1; z < 3; ++z)
      for (std::int64_t y = 1; y < 5; ++y)
        for (std::int64_t x = 1; x < 5; ++x) voxels[x + size.x * (y + size.y * z)] = 1;
    voxels[7] = 1;
    if (is_other) voxels[0] = 1;
    LabelScanner scanner(size);
    scanner.feed(voxels);
    return scanner.finish();
  }

  template <class File>
  static void write_mask_into(File&& file, const LabelMask& mask) {
    ImageWriter writer(file, geometry(), DataType::uint8);
    std::vector<std::uint8_t> voxels(mask.size().voxels());
    LabelPainter(mask).paint(voxels);
    writer.write(std::span<const std::uint8_t>(voxels));
    writer.finish();
  }
  static void write_mask(const std::filesystem::path& file, const LabelMask& mask) {
    AtomicFile output(file);
    write_mask_into(output, mask);
    output.commit();
  }

  void put(Transaction& transaction, const std::string& pid) const {
    const SampleFiles files = files_of(pid);
    const auto name = [](const std::filesystem::path& file) { return file.filename().string(); };
    const LabelMask drawn = drawn_mask(false);
    write_mask(root() / "archive" / drawn_path(pid), drawn);
    std::vector<float> values(drawn.size().voxels());
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(i % 7 + std::stoi(pid));
    values[9] = 5000;  // not under the mask

    SampleRecord record;
    record.id = files.id;
    record.folder = files.folder.generic_string();
    record.parts = {{"site", "TJ"}, {"phase", "pre"}, {"pid", pid}};
    record.inputs = {{"tongji/pre-therapy/images/TJ_" + pid + ".nii.gz", sha256_of(pid)},
                     {drawn_path(pid), sha256_of_file(root() / "archive" / drawn_path(pid)), true}};
    record.compression = "balanced";
    ValueHash hash;
    hash.update(values);
    record.volume = VolumeSummary{geometry(), {{"", hash.digest()}}};
    const Recipe recipe = load_recipe();
    MaskState state{drawn, geometry(), recipe.labels()};
    Values seen([&](const TakeValues& take) { take(values); });
    const auto findings = apply_steps(all_steps(recipe.steps()), state, seen);
    const auto works = works_of(all_steps(recipe.steps()));
    for (std::size_t i = 0; i < works.size(); ++i) record.steps.push_back({works[i], findings[i]});
    record.labels = recipe.labels();
    record.mask = MaskSummary{foreground_voxels(state.mask), intensity_under(drawn, values)};

    StagedSample staged = transaction.stage(files.id, files.folder);
    ImageWriter volume(staged.add(name(files.volume())), geometry(), DataType::float32);
    volume.write(std::span<const float>(values));
    volume.finish();
    write_mask_into(staged.add(name(files.mask())), state.mask);
    for (const auto& [label, label_name] : record.labels)
      write_mask_into(staged.add(name(files.binary_mask(label, label_name))),
                      relabel(select(state.mask, label), 1));
    staged.add(name(files.info())).write(info_text({files.id, record.parts, "TJ/pre", {}}));
    staged.commit(record);
  }

  static IntensitySummary intensity_under(const LabelMask& drawn,
                                          const std::vector<float>& values) {
    const BinaryMask where = foreground(drawn);
    Intensity intensity(where);
    intensity.feed(values);
    return intensity.finish();
  }

  TemporaryFolder folder_;
};

}  // namespace nicohort::testing
