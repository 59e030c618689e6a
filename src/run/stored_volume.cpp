#include "run/stored_volume.hpp"

#include <fmt/format.h>

#include "dataset/mask_file.hpp"
#include "mask/sets.hpp"

namespace nicohort {
namespace fs = std::filesystem;

StoredVolume::StoredVolume(const fs::path& dataset, const SampleFiles& files,
                           const std::vector<std::string>& channels, const Size3& size)
    : dataset_(dataset),
      files_(files),
      channels_(channels),
      size_(size),
      values_([this](const TakeValues& take) { read(channels_.front(), take); }) {}

void StoredVolume::read(const std::string& channel, const TakeValues& take) const {
  ImageReader volume = open_volume(dataset_, files_.volume(channel));
  const Size3& is = volume.header().geometry.size;
  if (!(is == size_))
    throw BadInput(
        ProblemKind::geometry,
        fmt::format("volume ({}×{}×{}) and mask ({}×{}×{}) differ in size; run confirm_pairs again",
                    is.x, is.y, is.z, size_.x, size_.y, size_.z));
  blaming(files_.volume(channel).generic_string(), [&] { volume.read_values(take); });
}

void StoredVolume::look(const Steps& steps, const BinaryMask& mask, PickedVoxels picked) {
  picked_ = picked;
  mask_ = &mask;
  const std::vector<Window> windows = windows_of(steps);
  if (windows.empty() || mask.runs().empty()) return;
  values_.expect(mask, windows);
  seen_.emplace(mask, picked);
  read(channels_.front(), [&](std::span<const float> piece) {
    values_.feed(piece);
    seen_->feed(piece);
  });
}

std::vector<ForegroundSummary> StoredVolume::under(const BinaryMask& mask) const {
  const bool is_seen = seen_ && subtract(mask, *mask_).runs().empty();
  std::vector<ForegroundSummary> summaries;
  for (const std::string& channel : channels_) {
    const bool is_first = summaries.empty();
    summaries.push_back(
        is_first && is_seen
            ? seen_->under(mask)
            : look_under(mask, *picked_, [&](const TakeValues& take) { read(channel, take); }));
  }
  return summaries;
}

}  // namespace nicohort
