#include "archive/scan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

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

// The images that fit the recipe, each of a sample and type once, sorted as the manifest is.
// choice: which volumes count where the recipe chooses.
std::vector<ArchivedImage> identify(const std::vector<std::string>& paths, const Recipe& recipe,
                                    const std::set<PartValues>& wanted,
                                    const std::optional<VolumeChoice>& choice, Report& report) {
  std::map<ImageKey, std::string> by_key;
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
    auto [known, is_new] = by_key.emplace(*key, path);
    if (is_new) continue;
    // The compressed file is the archive's own form.
    std::string& taken = known->second;
    std::string left_out = path;
    if (path.size() > taken.size() && path.starts_with(taken)) std::swap(taken, left_out);
    report.add(left_out, ProblemKind::duplicate_scan,
               fmt::format("is a second file of the same image as {}; left out: remove one of them",
                           taken));
  }
  std::vector<ArchivedImage> images;
  for (auto& [key, path] : by_key) images.push_back({path, key});
  return images;
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

// What is not there: the partner of a volume or mask, a patient's other phase. What is there and
// cannot be read was told; what is not wanted is there all the same.
void report_incomplete(const Headers& headers, const std::set<ImageKey>& present,
                       const std::set<PartValues>& not_wanted, const Recipe& recipe,
                       const SampleColumns& columns, const std::optional<VolumeChoice>& choice,
                       Report& report) {
  std::map<std::pair<std::string, std::size_t>, std::set<std::string>>
      values;  // of a patient's part
  for (const auto& [key, header] : headers) {
    for (std::size_t part : recipe.complete()) values[{recipe.patient(key.parts), part}];
    const ImageKey partner{key.parts, !key.is_mask};
    if (present.contains(partner) ||
        (!key.is_mask && recipe.is_without_mask(columns.values_of(key.parts))) ||
        (key.is_mask && choice && choice->has_failed(key.parts)))
      continue;
    report.add(recipe.sample_id(key.parts), ProblemKind::incomplete,
               fmt::format("has a {0} but no {1}; the {0} was kept: add the {1}",
                           key.is_mask ? "mask" : "volume", key.is_mask ? "volume" : "mask"));
  }
  auto add = [&](const PartValues& sample) {
    for (std::size_t part : recipe.complete())
      if (const auto of = values.find({recipe.patient(sample), part}); of != values.end())
        of->second.insert(sample[part]);
  };
  for (const ImageKey& key : present) add(key.parts);
  for (const PartValues& sample : not_wanted) add(sample);
  for (const auto& [of, known] : values) {
    const Part& part = recipe.parts()[of.second];
    for (const std::string& value : part.short_forms())
      if (!known.contains(value))
        report.add(
            of.first, ProblemKind::incomplete,
            fmt::format(
                "has no images of {} `{}`; its other images were kept: add them if there are any",
                part.name, value));
  }
}

Table make_table(const std::vector<ArchivedImage>& images, const Headers& headers,
                 const Recipe& recipe, const SampleColumns& columns) {
  Table table;
  table.columns = archive_columns(names_of(recipe.parts()));
  table.columns.insert(table.columns.end(), columns.names().begin(), columns.names().end());
  for (const auto& [path, key] : images) {
    const auto header = headers.find(key);
    if (header == headers.end()) continue;
    const Geometry& geometry = header->second.geometry;
    std::vector<Cell> row{path};
    for (const std::string& part : key.parts) row.push_back(part.empty() ? Cell() : Cell(part));
    row.push_back(std::string(key.type()));
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

ArchiveListing list_images(ArchiveNames& names, const Recipe& recipe) {
  ArchiveListing listing = list_archive(names);
  const std::string root = names.root().string();
  if (listing.images.empty())
    throw UsageError(
        fmt::format("{}: no .nii.gz file in it; --root_dir names the archive's folder", root));
  if (std::none_of(listing.images.begin(), listing.images.end(),
                   [&](auto& path) { return recipe.parse_image_path(path); }))
    throw UsageError(fmt::format(
        "{}: none of its {} image file{} matches the recipe {}; {}, for example, {}. Check "
        "--root_dir, "
        "or give the recipe of this archive with --recipe",
        root, listing.images.size(), listing.images.size() == 1 ? "" : "s", recipe.source(),
        listing.images.front(), recipe.misfit(listing.images.front())));
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
  const auto images = identify(listing.images, recipe, samples.wanted, choice, report);
  std::vector<std::string> subjects;
  for (const auto& image : images) subjects.push_back(image.path);
  require_distinct_ids(samples.wanted, recipe);
  auto found =
      map_items<Header>("files", subjects, context, report, [&](std::size_t i, ProblemSink&) {
        names.locate(images[i].path);  // `read` may know the header without opening the file
        return read(images[i].path);
      });
  Headers headers;
  std::set<ImageKey> present;
  std::set<std::string> patients;
  for (std::size_t i = 0; i < images.size(); ++i) {
    present.insert(images[i].key);
    patients.insert(recipe.patient(images[i].key.parts));
    if (found[i]) headers.emplace(images[i].key, *found[i]);
  }
  report_incomplete(headers, present, samples.others, recipe, columns, choice, report);
  report.keep(metadata.problems());
  return {make_table(images, headers, recipe, columns), patients.size()};
}

}  // namespace nicohort
