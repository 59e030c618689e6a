// The layout of an archive as data (SPEC 1): names of folders and files, and what they mean.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace nicohort {

// What one image of the archive is of.
struct ImageKey {
  std::string site, phase, pid;
  std::string type;  // a short form of the recipe's types: `v3d`, `m3d`
  auto operator<=>(const ImageKey&) const = default;
};

inline constexpr std::string_view volume_type = "v3d", mask_type = "m3d";

class Recipe {
 public:
  // From a YAML text; `source` names it in errors. Throws UsageError that says what is wrong and
  // where.
  Recipe(std::string_view yaml, const std::string& source);

  // Short forms, in the recipe's order, which is the order of the archive manifest.
  const std::vector<std::string>& sites() const { return sites_.short_forms; }
  const std::vector<std::string>& phases() const { return phases_.short_forms; }

  // What an image file is of, from its path below the archive (POSIX); nothing if it does not fit.
  std::optional<ImageKey> parse_image_path(const std::string& path) const;
  // The same path with another patient identifier. The path must fit.
  std::string with_pid(const std::string& path, const std::string& pid) const;
  // Whether a site, phase or type has this name, in the archive or in short.
  bool has_name(const std::string& name) const;
  // The pattern that image paths must fit, for messages.
  const std::string& image_pattern() const { return image_pattern_; }

  // Path below the archive of a site's metadata workbook.
  std::string metadata_path(const std::string& site) const;
  const std::string& metadata_key() const { return metadata_key_; }
  const std::string& metadata_sheet() const { return metadata_sheet_; }  // empty: the first

  std::string sample_id(const std::string& site, const std::string& pid,
                        const std::string& phase) const;

 private:
  // Short forms with the archive's names beside them.
  struct Names {
    std::vector<std::string> short_forms, in_archive;
    std::size_t index_of(const std::string& short_form) const;
  };

  std::string fill(std::string_view pattern, const ImageKey& key) const;
  void compile_image_pattern(const std::string& source);
  // What stands in the path for each placeholder of captured_; nothing if it does not fit.
  std::vector<std::string_view> captured_in(const std::string& path) const;

  Names sites_, phases_, types_;
  std::string image_pattern_, pid_pattern_, id_pattern_;
  std::string metadata_pattern_, metadata_key_, metadata_sheet_;
  std::shared_ptr<const re2::RE2> image_expression_;
  std::vector<std::string> captured_;  // placeholders of the groups of image_expression_
};

// The recipe in a file; the built-in one if the path is empty.
Recipe load_recipe(const std::filesystem::path& path = {});

}  // namespace nicohort
