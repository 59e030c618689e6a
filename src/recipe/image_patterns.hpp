// Which files of an archive are which images, by their paths: a recipe's `volume`, `mask` and
// `parts` (SPEC 5).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mask/combine.hpp"
#include "recipe/parts.hpp"
#include "recipe/pattern.hpp"
#include "recipe/reader.hpp"
#include "step/labels.hpp"

namespace nicohort {

inline constexpr std::string_view volume_type = "v3d", mask_type = "m3d";

// What one image of the archive is of. In order, a sample's volumes come before its masks.
struct ImageKey {
  PartValues parts;
  bool is_mask = false;
  std::size_t channel = 0;  // of a volume, where each channel has a file
  std::string label = {};   // of a mask, where each label has a file: as the path says it
  std::string_view type() const { return is_mask ? mask_type : volume_type; }
  auto operator<=>(const ImageKey&) const = default;
};

// The channels of a volume, by names that are fit for file names. None: a volume is one 3-D image.
struct Channels {
  std::vector<std::string> names;
  bool in_one_file = false;  // a 4-D image; else each has a file

  // How many files a sample's volume has, and how many channels are in each.
  std::size_t files() const { return names.empty() || in_one_file ? 1 : names.size(); }
  std::int64_t in_file() const { return in_one_file ? std::int64_t(names.size()) : 1; }
  // Of the channels in one of these files; one empty name where there are none.
  std::vector<std::string> in_file(std::size_t file) const;
  // The same in one text, as the archive manifest has them: `T1`, `FLAIR,T2w`, nothing.
  std::string text(std::size_t file) const;
  // The file with this text.
  std::optional<std::size_t> file_with(const std::string& text) const;
  // All of them; one empty name where there are none.
  std::vector<std::string> all() const;
  bool operator==(const Channels&) const = default;
};

// What the archive manifest has in its column `channel`: nothing for a mask.
std::string channel_text(const ImageKey& image, const Channels& channels);

class ImagePatterns {
 public:
  // Throws UsageError: `recipe SOURCE, line N: …`.
  ImagePatterns(const MapReader& recipe, const RecipeSource& source);

  // Those of all patterns, which key a sample.
  const Parts& parts() const { return parts_; }
  const Channels& channels() const { return channels_; }
  bool has_mask() const { return mask_.has_value(); }
  // Where each label has a mask file of its own: which label a voxel gets that two of them have.
  const std::optional<Overlap>& overlap() const { return overlap_; }

  // What an image is of, by its path below the archive (POSIX); nothing if it matches no pattern.
  // One that matches several is a mask, else the first channel that it matches. labels: the
  // recipe's; a volume beside the masks of single labels is none of a label that they lack.
  std::optional<ImageKey> find(const std::string& path, const LabelNames& labels) const;
  // Why a path matches none, for messages: `does not match the pattern …`.
  std::string misfit(const std::string& path) const;

  // For messages: "the pattern `…`", "the patterns `…` and `…`".
  std::string text() const;
  // Each pattern, with what it is of (`volume`, `volume (T1)`, `mask`), as in keys and in words.
  struct Described {
    std::string what, pattern;
    bool is_mask = false;
    std::size_t channel = 0;
  };
  std::vector<Described> described() const;

  // The same path with another value (a short form) of a part. image: what find() gives of it.
  std::string with_part(const std::string& path, const ImageKey& image, std::size_t part,
                        const std::string& value) const;
  // Whether this is the name of a folder of a pattern, whatever the parts.
  bool has_folder(const std::string& name) const;

 private:
  std::vector<const PathPattern*> all() const;

  Parts parts_;
  std::vector<PathPattern> volumes_;  // of each channel that has a file, else one
  std::optional<PathPattern> mask_;
  std::optional<std::size_t> label_;  // which of the mask pattern's parts is the label
  Channels channels_;
  std::optional<Overlap> overlap_;
};

}  // namespace nicohort
