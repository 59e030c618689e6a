#include "dataset/drawn_mask.hpp"

#include <fmt/format.h>

#include <map>

#include "base/wording.hpp"
#include "step/confirm.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace {

std::string text_of(const LabelNames& labels, std::uint8_t label) {
  const auto name = labels.find(label);
  return name == labels.end() ? std::to_string(label) : name->second;
}

}  // namespace

DrawnMask read_drawn_mask(const std::string& id, std::span<const InputFile> files,
                          const std::optional<Overlap>& overlap, const LabelNames& labels,
                          const Geometry& volume, const ReadDrawn& read) {
  DrawnMask drawn;
  std::map<std::uint8_t, BinaryMask> masks;
  for (InputFile file : files) {
    LoadedMask mask = read(file, overlap ? MaskValues::foreground : MaskValues::labels);
    file.sha256 = mask.sha256;
    if (const std::string doubt = doubt_of(mask.header, &volume); !doubt.empty())
      drawn.problems.push_back({file.path, ProblemKind::geometry, doubt});
    Geometry& geometry = mask.header.geometry;
    if (const auto turn = turn_onto(volume, geometry)) {
      file.turned_from = orientation_to(geometry.affine);
      mask.labels = turned(mask.labels, *turn);
      geometry = turned(geometry, *turn);
    }
    const auto warning = blaming(file.path, [&] { return confirm_geometry(volume, geometry); });
    if (warning) drawn.problems.push_back({file.path, ProblemKind::geometry, *warning});
    if (!mask.oddity.empty())
      drawn.problems.push_back({file.path, ProblemKind::mask_value, mask.oddity});
    if (overlap)
      masks.emplace(file.label, foreground(mask.labels));
    else
      drawn.labels = std::move(mask.labels);
    drawn.inputs.push_back(std::move(file));
  }
  if (files.empty()) return drawn;
  const auto require_voxels = [&] {
    if (drawn.labels->runs().empty())
      drawn.problems.push_back(
          files.size() == 1
              ? Problem{files.front().path, ProblemKind::image_content,
                        "is an empty mask: all voxels are 0; draw the mask, or leave it as it is "
                        "if there is nothing to draw"}
              : Problem{
                    id, ProblemKind::image_content,
                    "has only empty mask files: all voxels are 0; draw the masks, or leave them "
                    "as they are if there is nothing to draw"});
  };
  if (masks.empty()) {
    require_voxels();
    return drawn;
  }
  CombinedMask combined = combine(masks, *overlap);
  if (combined.overlapping == 0 || *overlap != Overlap::error) {
    drawn.labels = std::move(combined.mask);
    require_voxels();
    return drawn;
  }
  const auto& [x, y, z] = combined.position;
  drawn.problems.push_back(
      {id, ProblemKind::mask_value,
       fmt::format("has {} in the masks of more than one label, the first at ({}, {}, {}) in {} "
                   "and {}; the sample has no mask: correct the masks, or set `overlap` in the "
                   "recipe to `first` or `last`",
                   counted(combined.overlapping, "voxel"), x, y, z,
                   text_of(labels, combined.labels[0]), text_of(labels, combined.labels[1]))});
  return drawn;
}

}  // namespace nicohort
