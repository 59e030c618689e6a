#include "dataset/mask_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// The background has a run in every row, and turning a mask takes memory for every row, also for
// empty ones, which cost a compressed file next to nothing.
void check_rows(const Size3& size) {
  constexpr std::int64_t most = std::int64_t{1} << 24;
  if (size.rows() > most)
    throw BadInput(ProblemKind::geometry,
                   fmt::format("has {} x {} x {} voxels; a mask can have at most {} rows (y times "
                               "z): resample volume and mask",
                               size.x, size.y, size.z, most));
}

std::string sentence_of(const ImageReader::OddValues& odd) {
  if (!odd.above.empty())
    return fmt::format(
        "has several values above 0, such as {} and {}, which all count as one label; check that "
        "it is the mask of one label",
        odd.above[0], odd.above[1]);
  if (odd.below)
    return fmt::format(
        "has the value {}, and values below 0 do not count as the label; check that "
        "they should not",
        *odd.below);
  return "";
}

}  // namespace

LoadedMask read_mask(const fs::path& file, bool hashed, MaskValues values) {
  ImageReader reader(file, hashed);
  check_rows(reader.header().geometry.size);
  LabelScanner scanner(reader.header().geometry.size);
  const auto feed = [&](std::span<const std::uint8_t> labels) { scanner.feed(labels); };
  std::string oddity;
  if (values == MaskValues::labels)
    reader.read_labels(feed);
  else
    oddity = sentence_of(reader.read_foreground(feed));
  return {reader.header(), scanner.finish(), hashed ? reader.sha256() : "", oddity};
}

LoadedMask load_mask(const fs::path& root, const fs::path& file) {
  return blaming(file.generic_string(), [&] { return read_mask(root / file, false); });
}

ImageReader open_volume(const fs::path& root, const fs::path& file) {
  return blaming(file.generic_string(), [&] { return ImageReader(root / file); });
}

}  // namespace nicohort
