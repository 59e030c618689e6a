#include "view/drawn_mask_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/problem.hpp"
#include "dataset/drawn_mask.hpp"
#include "dataset/record.hpp"
#include "deflate/gzip_writer.hpp"
#include "mask/scan.hpp"
#include "view/web_path.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t painted_at_a_time = 1 << 20;  // voxels

LoadedMask read_drawn_file(const ViewedArchive& archive, const InputFile& input,
                           MaskValues values) {
  return blaming(input.path, [&] {
    const auto file = archive.find(input.path);
    if (!file)
      throw BadInput(ProblemKind::incomplete,
                     fmt::format("is not in the archive {}; restore it, or name the archive with "
                                 "view --archive",
                                 archive.folder.string()));
    LoadedMask mask = read_mask(*file, true, values);
    if (mask.sha256 != input.sha256)
      throw BadInput(ProblemKind::changed_file,
                     "is not the file from which the sample was made; make the sample again with "
                     "run or confirm_pairs");
    return mask;
  });
}

std::string image_of(const Geometry& geometry, const LabelMask& mask) {
  std::string image;
  GzipWriter gzip(
      [&](std::span<const std::byte> bytes) {
        image.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      },
      Compression::fast);
  gzip.write(make_header(geometry, DataType::uint8));
  LabelPainter painter(mask);
  for (std::int64_t left = mask.size().voxels(); left > 0; left -= painted_at_a_time) {
    std::vector<std::uint8_t> voxels(std::min(left, painted_at_a_time));
    painter.paint(voxels);
    gzip.write(std::as_bytes(std::span(voxels)));
  }
  gzip.finish();
  return image;
}

}  // namespace

std::string drawn_mask_image(const fs::path& dataset, const ViewedArchive& archive,
                             const std::string& id) {
  const auto record = read_record(dataset, id);
  const auto files = record ? record->drawn_masks() : std::vector<InputFile>();
  if (files.empty() || !record->volume)
    throw BadInput(id, ProblemKind::incomplete, "has no mask as drawn on record");
  const DrawnMask drawn =
      read_drawn_mask(id, files, record->overlap, record->labels, record->volume->geometry,
                      [&](const InputFile& input, MaskValues values) {
                        return read_drawn_file(archive, input, values);
                      });
  if (!drawn.labels)
    throw BadInput(drawn.problems.back().subject, drawn.problems.back().kind,
                   drawn.problems.back().what);
  return image_of(record->volume->geometry, *drawn.labels);
}

}  // namespace nicohort
