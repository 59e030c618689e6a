#include "archive/scan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "archive/missing_images.hpp"
#include "archive/sample_columns.hpp"
#include "archive/volume_choice.hpp"
#include "dataset/manifest.hpp"
#include "image/geometry.hpp"

namespace nicohort {
namespace {

struct ArchivedImage {
  std::string path;  // below the archive, as presented
  ImageKey key;
};

// Samples by what the recipe wants: those that it does not are in `others`.
struct FoundSamples {
  std::set<PartValues> wanted, others;
};

FoundSamples find_samples(const std::vector<std::string>& paths, const Recipe& recipe) {
  FoundSamples samples;
  for (const std::string& path : paths)
    if (auto key = recipe.parse_image_path(path))
      (recipe.is_wanted(key->parts) ? samples.wanted : samples.others)
          .insert(std::move(key->parts));
  return samples;
}

// Moves to the others whose columns do not fulfil the recipe's `where`.
void leave_out_unwanted(FoundSamples& samples, const SampleColumns& columns, const Recipe& recipe,
                        Listener& listener) {
  for (auto sample = samples.wanted.begin(); sample != samples.wanted.end();) {
    const auto next = std::next(sample);
    if (!recipe.is_wanted(columns.values_of(*sample)))
      samples.others.insert(samples.wanted.extract(sample));
    sample = next;
  }
  if (samples.wanted.empty())
    throw UsageError(
        fmt::format("recipe {}: none of the {} in the archive fulfils `where`; correct it",
                    recipe.source(), counted(samples.others.size(), "sample")));
  if (!samples.others.empty())
    listener.summary(fmt::format("{} left out, which `where` of the recipe does not want.",
                                 counted(samples.others.size(), "sample")));
}

// Whether the recipe has the label that a mask file is of; all others have.
bool has_known_label(const ImageKey& key, const Recipe& recipe) {
  if (!key.is_mask || !recipe.images().overlap()) return true;
  const auto label = label_named(recipe.labels(), key.label);
  return label && *label != 0;
}

// The files that match each image, whose label is as in file names.
using FilesOfImages = std::map<ImageKey, std::vector<ArchivedImage>>;

// choice: which volumes count where the recipe chooses.
FilesOfImages find_files(const std::vector<std::string>& paths, const Recipe& recipe,
                         const std::set<PartValues>& wanted,
                         const std::optional<VolumeChoice>& choice, Report& report) {
  FilesOfImages files;
  std::set<std::string> other_labels;
  std::size_t of_other_labels = 0;
  for (const std::string& path : paths) {
    auto key = recipe.parse_image_path(path);
    if (!key) {
      if (!recipe.ignores(path))
        report.add(
            path, ProblemKind::layout,
            recipe.misfit(path) + "; left out: change the recipe, or name the file under `ignore`");
      continue;
    }
    if (!wanted.contains(key->parts)) continue;
    if (choice && !key->is_mask && !choice->has(key->parts, path)) continue;
    if (!has_known_label(*key, recipe)) {
      ++of_other_labels;
      other_labels.insert(key->label);
      continue;
    }
    ImageKey image = *key;
    image.label = file_name_form(image.label);
    files[std::move(image)].push_back({path, std::move(*key)});
  }
  if (of_other_labels > 0)
    report.listener().summary(
        fmt::format("{} of {} that the recipe does not have, such as {}, left aside.",
                    counted(of_other_labels, "mask file"), counted(other_labels.size(), "label"),
                    *other_labels.begin()));
  return files;
}

// Leaves the compressed one of two copies of a file, which is the archive's own form.
void leave_out_uncompressed(std::vector<ArchivedImage>& files, Report& report) {
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
std::string ambiguity(const ImageKey& image, const std::vector<ArchivedImage>& files,
                      const Recipe& recipe) {
  constexpr std::size_t most = 3;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < std::min(files.size(), most); ++i) paths.push_back(files[i].path);
  return fmt::format("{} files match its {}: {}{}", files.size(), name_of(image, recipe),
                     fmt::join(paths, ", "),
                     files.size() > most ? fmt::format(" and {} more", files.size() - most) : "");
}

// The images that fit the recipe, sorted as the manifest is, and those that none of their files can
// be taken for.
struct IdentifiedImages {
  std::vector<ArchivedImage> images;
  std::set<ImageKey> ambiguous;
  std::vector<std::string> ambiguous_files;
};

IdentifiedImages identify(FilesOfImages files_of_images, const Recipe& recipe, Report& report) {
  IdentifiedImages identified;
  std::map<PartValues, std::vector<std::string>> ambiguities;  // by sample
  std::set<PartValues> of_volumes;
  for (auto& [key, files] : files_of_images) {
    leave_out_uncompressed(files, report);
    if (files.size() == 1) {
      identified.images.push_back(std::move(files.front()));
      continue;
    }
    identified.ambiguous.insert(key);
    for (const ArchivedImage& file : files) identified.ambiguous_files.push_back(file.path);
    ambiguities[key.parts].push_back(ambiguity(key, files, recipe));
    if (!key.is_mask) of_volumes.insert(key.parts);
  }
  const bool has_any = recipe.images().text().find("{any}") != std::string::npos;
  for (const auto& [sample, what] : ambiguities)
    report.add(
        recipe.sample_id(sample), ProblemKind::duplicate_scan,
        fmt::format("{}; none of them was used: make the recipe's pattern narrower{}{}, or "
                    "remove the files that do not count",
                    fmt::join(what, "; "), has_any ? ", write a part in place of `{any}`" : "",
                    of_volumes.contains(sample) ? ", name the volume with `choose`" : ""));
  return identified;
}

// Samples have folders, files and records of the names of their identifiers.
void require_distinct_ids(const std::set<PartValues>& samples, const Recipe& recipe) {
  std::map<std::string, PartValues> by_id;
  for (const PartValues& parts : samples) {
    const auto [other, is_new] = by_id.emplace(recipe.sample_id(parts), parts);
    if (!is_new)
      recipe.fail_id(fmt::format(
          "the samples `{}` and `{}` would both have the identifier `{}`; give the recipe an `id` "
          "with all parts in which samples differ",
          fmt::join(other->second, " "), fmt::join(parts, " "), other->first));
  }
}

using Headers = std::map<ImageKey, Header>;

// A mask without one of its labels would have background where that label is: of a sample with a
// label's mask that cannot be read or told from another, the others are not used either.
void leave_out_partial_masks(const IdentifiedImages& identified, Headers& headers,
                             const Recipe& recipe, Report& report) {
  if (!recipe.images().overlap()) return;
  std::set<PartValues> partial, of_ambiguous;
  for (const auto& [path, key] : identified.images)
    if (key.is_mask && !headers.contains(key)) partial.insert(key.parts);
  for (const ImageKey& key : identified.ambiguous)
    if (key.is_mask) of_ambiguous.insert(key.parts);
  std::erase_if(headers, [&](const auto& header) {
    const PartValues& sample = header.first.parts;
    return header.first.is_mask && (partial.contains(sample) || of_ambiguous.contains(sample));
  });
  for (const PartValues& sample : partial)
    report.add(
        recipe.sample_id(sample), ProblemKind::incomplete,
        "has a mask file that cannot be read, so none of its mask files is used; correct the file");
}

Table make_table(const std::vector<ArchivedImage>& images, const Headers& headers,
                 const Recipe& recipe, const SampleColumns& columns) {
  Table table;
  table.columns = archive_columns(recipe);
  table.columns.insert(table.columns.end(), columns.names().begin(), columns.names().end());
  for (const auto& [path, key] : images) {
    const auto header = headers.find(key);
    if (header == headers.end()) continue;
    const Geometry& geometry = header->second.geometry;
    std::vector<Cell> row{path};
    const auto add_text = [&](const std::string& text) {
      row.push_back(text.empty() ? Cell() : Cell(text));
    };
    for (const std::string& part : key.parts) add_text(part);
    row.push_back(std::string(key.type()));
    if (!recipe.channels().names.empty()) add_text(channel_text(key, recipe.channels()));
    if (recipe.images().overlap()) add_text(key.label);
    const auto cells = geometry_cells(geometry);
    row.insert(row.end(), cells.begin(), cells.end());
    row.push_back(std::string(name(header->second.type)));
    row.push_back(transform_json(geometry.affine));
    const auto volume = headers.find({key.parts, false});
    const bool has_difference = key.is_mask && volume != headers.end();
    row.push_back(has_difference ? Cell(distance(geometry.affine, volume->second.geometry.affine))
                                 : Cell());
    const auto attributes = columns.of(key.parts);
    row.insert(row.end(), attributes.begin(), attributes.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

ArchiveListing list_images(ArchiveNames& names, const Recipe& recipe, const std::string& option) {
  ArchiveListing listing = list_archive(names);
  const std::string root = names.root().string();
  const auto& links = listing.unfollowed;
  if (listing.images.empty())
    throw UsageError(fmt::format(
        "{}: no .nii.gz file in it; check {}{}", root, option,
        links.empty() ? ""
                      : fmt::format(". {} in it, such as {}, {} not followed: use nicohort run "
                                    "--archive, which follows links",
                                    counted(links.size(), "symbolic link") + " to folders",
                                    links.front(), links.size() == 1 ? "was" : "were")));
  if (std::none_of(listing.images.begin(), listing.images.end(),
                   [&](auto& path) { return recipe.parse_image_path(path); }))
    throw UsageError(
        fmt::format("{}: none of its {} matches the recipe {}; {}, for example, {}. "
                    "Check {}, or give the recipe of this archive with --recipe",
                    root, counted(listing.images.size(), "image file"), recipe.source(),
                    listing.images.front(), recipe.misfit(listing.images.front()), option));
  return listing;
}

ScannedArchive scan_archive(ArchiveNames& names, const ArchiveListing& listing,
                            const Recipe& recipe, const ReadHeader& read, const Context& context,
                            Report& report) {
  for (const Problem& problem : listing.problems) report.add(problem);
  if (listing.hidden > 0)
    report.listener().summary(
        fmt::format("Hidden files and folders, left aside: {}.", listing.hidden));
  FoundSamples samples = find_samples(listing.images, recipe);
  Report metadata(report.listener());  // which stand behind those of the images
  const SampleColumns columns(
      load_metadata(names, recipe, samples.wanted, metadata, samples.others), recipe,
      report.listener());
  leave_out_unwanted(samples, columns, recipe, report.listener());
  std::optional<VolumeChoice> choice;
  if (recipe.choose())
    choice.emplace(choose_volumes(listing.images, samples.wanted, columns, recipe, report));
  const IdentifiedImages identified =
      identify(find_files(listing.images, recipe, samples.wanted, choice, report), recipe, report);
  const std::vector<ArchivedImage>& images = identified.images;
  std::vector<std::string> subjects;
  for (const auto& image : images) subjects.push_back(image.path);
  require_distinct_ids(samples.wanted, recipe);
  auto found =
      map_items<Header>("files", subjects, context, report, [&](std::size_t i, ProblemSink&) {
        names.locate(images[i].path);  // `read` may know the header without opening the file
        const bool is_mask = images[i].key.is_mask;
        return read(images[i].path, is_mask ? 1 : recipe.channels().in_file());
      });
  Headers headers;
  std::vector<ListedImage> listed;
  std::set<std::string> patients;
  for (std::size_t i = 0; i < images.size(); ++i) {
    listed.push_back({images[i].path, images[i].key, found[i].has_value()});
    patients.insert(recipe.patient(images[i].key.parts));
    if (found[i]) headers.emplace(images[i].key, *found[i]);
  }
  for (const ImageKey& key : identified.ambiguous) {
    listed.push_back({"", key, false});
    patients.insert(recipe.patient(key.parts));
  }
  report_missing_images(listed, samples.others, recipe, columns, choice, report);
  leave_out_partial_masks(identified, headers, recipe, report);
  report.keep(metadata.problems());
  std::set<std::string> ids;
  for (const PartValues& sample : samples.wanted) ids.insert(recipe.sample_id(sample));
  return {make_table(images, headers, recipe, columns),
          patients.size(),
          {ids.begin(), ids.end()},
          identified.ambiguous_files};
}

}  // namespace nicohort
