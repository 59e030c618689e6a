#include "run/finish_mask.hpp"

#include <algorithm>

#include "image/image_file.hpp"
#include "mask/operations.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t painted_voxels = 256 * 1024;  // at a time

void add_mask(StagedSample& staged, const std::filesystem::path& file, const Geometry& geometry,
              const LabelMask& mask, Compression compression) {
  ImageWriter writer(staged.add(file.filename().string()), geometry, DataType::uint8, compression);
  LabelPainter painter(mask);
  std::vector<std::uint8_t> voxels(std::min(painted_voxels, mask.size().voxels()));
  for (std::int64_t left = mask.size().voxels(); left > 0; left -= voxels.size()) {
    voxels.resize(std::min<std::int64_t>(left, voxels.size()));
    painter.paint(voxels);
    writer.write(std::span<const std::uint8_t>(voxels));
  }
  writer.finish();
}

}  // namespace

std::string name_of(Compression compression) {
  switch (compression) {
    case Compression::fast:
      return "fast";
    case Compression::small:
      return "small";
    default:
      return "balanced";
  }
}

void do_steps(const Steps& steps, MaskState& state, Values& values, SampleRecord& record) {
  const auto works = works_of(steps);
  auto findings = apply_steps(steps, state, values);
  for (std::size_t i = 0; i < works.size(); ++i)
    record.steps.push_back({works[i], std::move(findings[i])});
  record.labels = state.labels;
  record.groups = state.groups;
  record.unmapped.clear();
  if (!state.labels.empty())
    for (const std::string& value : unmapped_values(state.mask, state.labels))
      record.unmapped.push_back(
          {(record.sample_files().mask()).generic_string(), ProblemKind::unmapped_label,
           value + "; they stay in the multi-label mask and are in no binary mask: add the value "
                   "to the labels, or correct the mask in the archive"});
  if (!record.mask) record.mask.emplace();
  record.mask->voxels = foreground_voxels(state.mask);
}

void add_masks(StagedSample& staged, const SampleFiles& files, const MaskState& state,
               Compression compression) {
  add_mask(staged, files.mask(), state.geometry, state.mask, compression);
  for (const auto& [label, name] : state.labels)
    add_mask(staged, files.binary_mask(label, name), state.geometry,
             relabel(select(state.mask, label), 1), compression);
  for (const LabelGroup& group : state.groups)
    add_mask(staged, files.group_mask(group.name), state.geometry,
             relabel(select_any(state.mask, group.chosen()), 1), compression);
}

}  // namespace nicohort
