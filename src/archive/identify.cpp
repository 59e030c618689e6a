#include "archive/identify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/wording.hpp"

namespace nicohort {
namespace {

// The files that match each image, whose label is as in file names.
struct ImageFile {
  std::string path, label;  // the label as the path says it
};
using FilesOfImages = std::map<ImageKey, std::vector<ImageFile>>;

FilesOfImages find_files(std::vector<std::string> paths, const ArchiveNames& names,
                         const Recipe& recipe, const std::set<PartValues>& wanted,
                         const std::optional<VolumeChoice>& choice, LabelFiles& labels,
                         Report& report) {
  FilesOfImages files;
  for (std::string& path : paths) {
    auto key = recipe.parse_image_path(path);
    if (!key) {
      if (!recipe.ignores(names.path_of(path)))
        report.add(
            path, ProblemKind::layout,
            recipe.misfit(path) + "; left out: change the recipe, or name the file under `ignore`");
      continue;
    }
    if (!wanted.contains(key->parts)) continue;
    if (choice && !key->is_mask && !choice->has(key->parts, path)) continue;
    if (!labels.takes(*key)) continue;
    std::string label = std::exchange(key->label, file_name_form(key->label));
    files[std::move(*key)].push_back({std::move(path), std::move(label)});
  }
  return files;
}

// Leaves the compressed one of two copies of a file, which is the archive's own form.
void leave_out_uncompressed(std::vector<ImageFile>& files, Report& report) {
  if (files.size() != 2) return;
  if (files[0].path > files[1].path) std::swap(files[0], files[1]);
  if (files[1].path != files[0].path + ".gz") return;
  report.add(files[0].path, ProblemKind::duplicate_scan,
             fmt::format("is a second file of the same image as {}; left out: remove one of them",
                         files[1].path));
  files.erase(files.begin());
}

// `volume (T1)`, as messages call an image of a sample.
std::string name_of(const ImageKey& image, const Recipe& recipe) {
  const std::string of = image.is_mask ? image.label : recipe.channels().text(image.channel);
  return fmt::format("{}{}", image.is_mask ? "mask" : "volume",
                     of.empty() ? "" : fmt::format(" ({})", of));
}

// `3 files match its mask: a, b, c`; of more files the first three are named.
std::string ambiguity(const ImageKey& image, const std::vector<ImageFile>& files,
                      const Recipe& recipe) {
  std::vector<std::string> paths;
  for (const ImageFile& file : files) paths.push_back(file.path);
  return fmt::format("{} files match its {}: {}", files.size(), name_of(image, recipe),
                     some_of(paths, 3));
}

}  // namespace

IdentifiedImages identify_images(std::vector<std::string> paths, const ArchiveNames& names,
                                 const Recipe& recipe, const std::set<PartValues>& wanted,
                                 const std::optional<VolumeChoice>& choice, LabelFiles& labels,
                                 Report& report, const SampleOutcome& outcome) {
  FilesOfImages files_of_images =
      find_files(std::move(paths), names, recipe, wanted, choice, labels, report);
  IdentifiedImages identified;
  identified.images.reserve(files_of_images.size());
  std::map<PartValues, std::vector<std::string>> ambiguities;  // by sample
  std::set<PartValues> of_volumes;
  while (!files_of_images.empty()) {
    auto image = files_of_images.extract(files_of_images.begin());
    ImageKey& key = image.key();
    std::vector<ImageFile>& files = image.mapped();
    leave_out_uncompressed(files, report);
    if (files.size() == 1) {
      key.label = std::move(files.front().label);
      identified.images.push_back({std::move(files.front().path), std::move(key)});
      continue;
    }
    identified.ambiguous.insert(key);
    for (const ImageFile& file : files) identified.ambiguous_files.push_back(file.path);
    ambiguities[key.parts].push_back(ambiguity(key, files, recipe));
    if (!key.is_mask) of_volumes.insert(key.parts);
  }
  const bool has_any = recipe.images().text().find("{any}") != std::string::npos;
  for (const auto& [sample, what] : ambiguities) {
    const bool is_volume = of_volumes.contains(sample);
    report.add(
        recipe.sample_id(sample), ProblemKind::duplicate_scan,
        fmt::format("{}; none of them is used: make the recipe's pattern narrower{}{}, or "
                    "remove the files that do not count{}",
                    fmt::join(what, "; "), has_any ? ", write a part in place of `{any}`" : "",
                    is_volume ? ", name the volume with `choose`" : "",
                    outcome(sample, is_volume ? Lacking::volume : Lacking::mask)));
  }
  return identified;
}

}  // namespace nicohort
