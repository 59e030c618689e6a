#include "report/thumbnail.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t largest_picture = 4 << 20;  // bytes
constexpr int version = 2;  // of how pictures are made; raised when that changes

// has_drawn: whether the picture has the mask as drawn.
std::string fingerprint_of(const SampleRecord& record, const std::optional<Window>& window,
                           bool has_drawn) {
  const auto sha256 = [&](const fs::path& file) {
    const auto found = record.files.find(file.filename().string());
    return found == record.files.end() ? std::string() : found->second;
  };
  const auto volumes = record.volumes();
  const std::string volume = volumes.empty() ? "" : sha256(volumes.front()),
                    mask = sha256(record.sample_files().mask());
  std::string drawn;
  if (has_drawn)
    for (const InputFile& input : record.drawn_masks()) drawn += input.sha256;
  return sha256_of(fmt::format("thumbnail {}\n{}\n{}\n{}\n{}\n", version, volume, mask,
                               drawn.empty() ? mask : drawn,
                               window ? fmt::format("{} {}", window->low, window->high) : ""));
}

}  // namespace

std::string thumbnail_path(const std::string& id) {
  return "thumbnails/" + printable(id) + ".png";
}

std::string thumbnail_fingerprint(const SampleRecord& record, const std::optional<Window>& window) {
  return fingerprint_of(record, window, true);
}

std::string thumbnail_fingerprint_without_drawn(const SampleRecord& record,
                                                const std::optional<Window>& window) {
  return fingerprint_of(record, window, false);
}

bool has_thumbnail(const fs::path& report, const std::string& id, const std::string& fingerprint) {
  const fs::path file = report / thumbnail_path(id);
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  try {
    return png_note(read_file(file, largest_picture)) == fingerprint;
  } catch (const BadInput&) {
    return false;
  }
}

void write_thumbnail(const fs::path& report, const std::string& id, const PalettePicture& picture,
                     const std::string& fingerprint) {
  const fs::path file = report / thumbnail_path(id);
  blaming(thumbnail_path(id), [&] { require_below(report, file, "report"); });
  // Two shards may make the same one.
  write_file(file, png(picture, fingerprint), Access::of_many);
}

void write_thumbnail(const fs::path& report, const SampleRecord& record,
                     const PalettePicture& picture, const std::optional<Window>& window) {
  write_thumbnail(report, record.id, picture, thumbnail_fingerprint(record, window));
}

}  // namespace nicohort
