#include "propose/image_look.hpp"

#include <cmath>

#include "base/problem.hpp"
#include "image/image_file.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t most_voxels = std::int64_t{1} << 26;

template <class Look>
auto unless_unreadable(const Look& look) -> std::optional<decltype(look())> {
  try {
    return look();
  } catch (const BadInput&) {      // `run` reports it
  } catch (const MachineError&) {  // no permission
  }
  return {};
}

}  // namespace

std::optional<Header> look_at_header(const ArchiveFiles& files, const std::string& path) {
  return unless_unreadable([&] { return read_header(files.root / path, false, 0); });
}

bool are_on_one_grid(const ArchiveFiles& files, const std::vector<std::string>& paths) {
  std::optional<Geometry> first;
  for (const std::string& path : paths) {
    const auto header = look_at_header(files, path);
    if (!header) continue;
    if (!first) first = header->geometry;
    if (header->geometry.size != first->size ||
        largest_corner_shift(header->geometry, *first) > 0.5)
      return false;
  }
  return true;
}

double ValuesLook::common(const ValuesLook& other) const {
  if (foreground.size() != other.foreground.size()) return 0;
  double both = 0, all = 0;
  for (std::size_t i = 0; i < foreground.size(); ++i) {
    both += foreground[i] && other.foreground[i] ? 2 : 0;
    all += (foreground[i] ? 1 : 0) + (other.foreground[i] ? 1 : 0);
  }
  return all == 0 ? 0 : both / all;
}

std::optional<ValuesLook> look_at_values(const ArchiveFiles& files, const std::string& path) {
  const auto header = look_at_header(files, path);
  if (!header || header->channels != 1 || header->geometry.size.voxels() > most_voxels) return {};
  return unless_unreadable([&] {
    ValuesLook look;
    bool are_labels = true, is_unit = true;
    float last = 0;
    ImageReader(files.root / path).read_values([&](std::span<const float> values) {
      for (const float value : values) {
        look.foreground.push_back(value > 0);
        if (value == last) continue;
        last = value;
        is_unit &= value >= 0 && value <= 1;
        are_labels &= value >= 0 && value <= 255 && value == std::floor(value);
        if (value > 0 && are_labels) look.labels.insert(value);
      }
    });
    look.is_share = is_unit && !are_labels;
    if (!are_labels) look.labels.clear();
    return look;
  });
}

}  // namespace nicohort
