#include "archive/scan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "archive/identify.hpp"
#include "archive/missing_images.hpp"
#include "archive/patients_of_tables.hpp"
#include "archive/recipe_identifiers.hpp"
#include "archive/sample_columns.hpp"
#include "archive/similar_patients.hpp"
#include "archive/volume_choice.hpp"
#include "base/wording.hpp"
#include "dataset/manifest.hpp"
#include "image/geometry.hpp"
#include "step/confirm.hpp"

namespace nicohort {
namespace {

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

// Reports files that are or should be images, but are not read as such. Gives the images that they
// would be.
std::vector<ImageKey> report_unread(const std::vector<UnreadImage>& unread,
                                    const ArchiveNames& names, const Recipe& recipe,
                                    Report& report) {
  std::vector<ImageKey> images;
  for (const auto& [problem, image] : unread) {
    if (recipe.ignores(names.path_of(problem.subject))) continue;
    report.add(problem);
    if (auto key = recipe.parse_image_path(image)) images.push_back(std::move(*key));
  }
  return images;
}

void tell_others(const ArchiveListing& listing, Listener& listener) {
  if (listing.hidden > 0)
    listener.summary(
        fmt::format("Hidden files and folders that were not read: {}.", listing.hidden));
  constexpr std::size_t most = 8;
  std::vector<std::pair<std::size_t, std::string>> endings;
  for (const auto& [ending, count] : listing.others) endings.emplace_back(count, ending);
  std::stable_sort(endings.begin(), endings.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> kinds;
  std::size_t more = 0;
  for (const auto& [count, ending] : endings)
    if (kinds.size() < most)
      kinds.push_back(fmt::format("{} {}", count, ending.empty() ? "without an ending" : ending));
    else
      more += count;
  if (more > 0) kinds.push_back(fmt::format("{} others", more));
  if (!kinds.empty())
    listener.summary(fmt::format("Files that are not images: {}.", fmt::join(kinds, ", ")));
}

// Moves to the others whose columns do not fulfil the recipe's `where`. What is not known of a
// sample fulfils nothing, not even a wish for an empty cell.
void leave_out_unwanted(FoundSamples& samples, const SampleColumns& columns, const Recipe& recipe,
                        Listener& listener) {
  const std::vector<Condition::Wish>& wishes = recipe.where().wishes;
  std::size_t unknown = 0;
  for (auto sample = samples.wanted.begin(); sample != samples.wanted.end();) {
    const auto next = std::next(sample);
    const ValueOf value_of = columns.values_of(*sample);
    const bool is_known = std::none_of(wishes.begin(), wishes.end(), [&](const auto& wish) {
      return columns.is_unknown(*sample, wish.column);
    });
    if (!is_known && !recipe.where().is_ruled_out(value_of)) ++unknown;
    if (!is_known || !recipe.is_wanted(value_of))
      samples.others.insert(samples.wanted.extract(sample));
    sample = next;
  }
  if (samples.wanted.empty())
    throw UsageError(fmt::format(
        "recipe {}: none of the {} in the archive fulfils `where`; correct it{}", recipe.source(),
        counted(samples.others.size(), "sample"),
        unknown == 0 ? ""
                     : fmt::format(", or the metadata tables: {} no row there that can be read",
                                   unknown == 1 ? "1 has" : fmt::format("{} have", unknown))));
  if (samples.others.size() > unknown)
    listener.summary(fmt::format("{} left out by the recipe's `where`.",
                                 counted(samples.others.size() - unknown, "sample")));
  if (unknown > 0)
    listener.warning(fmt::format(
        "{} left out, because the recipe's `where` needs metadata that {}: a row or column is "
        "missing or cannot be read. Correct the table, and run the same command again.",
        counted(unknown, "sample"), unknown == 1 ? "it does not have" : "they do not have"));
}

// The values of a sample, but nothing for a derived column that goes by an empty cell, which may
// only be unknown.
ValueOf certain_values(const ValueOf& value_of, const Recipe& recipe) {
  return [value_of, &recipe](const std::string& column) {
    const std::function<bool(const std::string&)> is_known = [&](const std::string& name) {
      const auto derived =
          std::find_if(recipe.columns().begin(), recipe.columns().end(),
                       [&](const DerivedColumn& other) { return other.name == name; });
      if (derived == recipe.columns().end()) return !value_of(name).empty();
      const auto sources = derived->sources();
      return std::all_of(sources.begin(), sources.end(), is_known);
    };
    return recipe.part_index(column) || is_known(column) ? value_of(column) : std::string();
  };
}

// IDs of those that `where` leaves out for a value that they have, not for one that is missing.
std::set<std::string> ruled_out(const FoundSamples& samples, const SampleColumns& columns,
                                const Recipe& recipe) {
  std::set<std::string> ids;
  for (const PartValues& sample : samples.others)
    if (recipe.where().is_ruled_out(certain_values(columns.values_of(sample), recipe)))
      ids.insert(recipe.sample_id(sample));
  for (const PartValues& sample : samples.wanted) ids.erase(recipe.sample_id(sample));
  return ids;
}

// Samples have folders, files and records of the names of their identifiers.
void require_distinct_ids(const std::set<PartValues>& samples, const Recipe& recipe) {
  std::map<std::string, PartValues> by_id;
  for (const PartValues& parts : samples) {
    const auto [other, is_new] = by_id.emplace(recipe.sample_id(parts), parts);
    if (!is_new) recipe.fail_id(other->second, parts);
  }
}

// Of each image; nullptr of one that cannot be read.
using Headers = std::vector<std::shared_ptr<const Header>>;

Headers read_headers(const ArchiveNames& names, const std::vector<ArchivedImage>& images,
                     const Recipe& recipe, const ReadHeader& read, const Context& context,
                     Report& report, const SampleOutcome& outcome) {
  std::vector<std::string> subjects;
  for (const auto& image : images) subjects.push_back(image.path);
  auto found = map_items<std::shared_ptr<const Header>>(
      "files", subjects, context, report, [&](std::size_t i, ProblemSink&) {
        const auto& [path, key] = images[i];
        try {
          names.locate(path);  // `read` may know the header without opening the file
          return read(path, key.is_mask ? 1 : recipe.channels().in_file());
        } catch (const BadInput& bad) {
          throw BadInput(
              path, bad.kind(),
              bad.what() + outcome(key.parts, key.is_mask ? Lacking::mask : Lacking::volume));
        }
      });
  Headers headers;
  headers.reserve(images.size());
  for (auto& header : found) headers.push_back(header ? std::move(*header) : nullptr);
  return headers;
}

// A mask without one of its labels would have background where that label is: of a sample with a
// label's mask that cannot be read or told from another, the others are not used either.
void leave_out_partial_masks(const IdentifiedImages& identified, const std::set<ImageKey>& unread,
                             Headers& headers, const Recipe& recipe, Report& report,
                             const SampleOutcome& outcome) {
  if (!recipe.images().overlap()) return;
  std::set<PartValues> partial, of_ambiguous;
  const std::vector<ArchivedImage>& images = identified.images;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (images[i].key.is_mask && !headers[i]) partial.insert(images[i].key.parts);
  for (const ImageKey& key : unread)
    if (key.is_mask) partial.insert(key.parts);
  for (const ImageKey& key : identified.ambiguous)
    if (key.is_mask) of_ambiguous.insert(key.parts);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageKey& key = images[i].key;
    if (key.is_mask && (partial.contains(key.parts) || of_ambiguous.contains(key.parts)))
      headers[i] = nullptr;
  }
  for (const PartValues& sample : partial)
    report.add(
        recipe.sample_id(sample), ProblemKind::incomplete,
        "has a mask file that cannot be read, so none of its mask files is used; correct the file" +
            outcome(sample, Lacking::mask));
}

// Of each image the first volume of its sample; nullptr if there is none that can be read.
std::vector<const Header*> volumes_of(const std::vector<ArchivedImage>& images,
                                      const Headers& headers) {
  std::vector<const Header*> volumes;
  volumes.reserve(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageKey& key = images[i].key;
    const bool is_first = i == 0 || images[i - 1].key.parts != key.parts;
    const bool is_volume = !key.is_mask && key.channel == 0;
    volumes.push_back(!is_first ? volumes.back() : is_volume ? headers[i].get() : nullptr);
  }
  return volumes;
}

// What is doubtful in the headers of images that are used all the same.
std::vector<Problem> doubts_of(const std::vector<ArchivedImage>& images, const Headers& headers) {
  const auto volumes = volumes_of(images, headers);
  std::vector<Problem> doubts;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!headers[i]) continue;
    const bool has_other = volumes[i] && volumes[i] != headers[i].get();
    if (const std::string doubt =
            doubt_of(*headers[i], has_other ? &volumes[i]->geometry : nullptr);
        !doubt.empty())
      doubts.push_back({images[i].path, ProblemKind::geometry, doubt});
  }
  return doubts;
}

// Texts that the row before has, too, which are many.
void share_texts(std::vector<Cell>& row, const std::vector<Cell>& before) {
  for (std::size_t i = 0; i < row.size(); ++i)
    if (std::holds_alternative<Text>(row[i]) && row[i] == before[i]) row[i] = before[i];
}

Table make_table(std::vector<ArchivedImage> images, const Headers& headers, const Recipe& recipe,
                 const SampleColumns& columns) {
  const auto volumes = volumes_of(images, headers);
  Table table;
  table.columns = archive_columns(recipe);
  table.columns.insert(table.columns.end(), columns.names().begin(), columns.names().end());
  std::size_t count = 0;
  for (const auto& header : headers) count += header != nullptr;
  table.rows.reserve(count);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!headers[i]) continue;
    const ArchivedImage image = std::move(images[i]);  // which has gone when its row is there
    const ImageKey& key = image.key;
    const Geometry& geometry = headers[i]->geometry;
    std::vector<Cell> row;
    row.reserve(table.columns.size());
    row.emplace_back(image.path);
    const auto add_text = [&](const std::string& text) {
      row.push_back(text.empty() ? Cell() : Cell(text));
    };
    for (const std::string& part : key.parts) add_text(part);
    row.push_back(std::string(key.type()));
    if (!recipe.channels().names.empty()) add_text(channel_text(key, recipe.channels()));
    if (recipe.images().overlap()) add_text(key.label);
    const auto cells = geometry_cells(geometry);
    row.insert(row.end(), cells.begin(), cells.end());
    row.push_back(std::string(name(headers[i]->type)));
    row.push_back(transform_json(geometry.affine));
    const bool has_difference = key.is_mask && volumes[i];
    row.push_back(has_difference ? Cell(distance(geometry.affine, volumes[i]->geometry.affine))
                                 : Cell());
    const auto attributes = columns.of(key.parts);
    row.insert(row.end(), attributes.begin(), attributes.end());
    if (!table.rows.empty()) share_texts(row, table.rows.back());
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

ArchiveListing list_images(ArchiveNames& names, const Recipe& recipe, const std::string& option) {
  ArchiveListing listing = list_archive(names);
  require_no_identifiers(recipe, names);
  const std::string root = names.root().string();
  const auto& links = listing.unfollowed;
  if (listing.images.empty())
    throw UsageError(fmt::format(
        "{}: no .nii.gz file in it; check {}{}{}", root, option,
        listing.unread.empty() ? ""
                               : fmt::format(". {} {}", listing.unread.front().problem.subject,
                                             listing.unread.front().problem.what),
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

ScannedArchive scan_archive(ArchiveNames& names, ArchiveListing& listing, const Recipe& recipe,
                            const ReadHeader& read, const Context& context, Report& report,
                            const KeptMetadata& kept, const SampleOutcome& outcome) {
  for (const Problem& problem : listing.problems) report.add(problem);
  tell_others(listing, report.listener());
  const std::vector<ImageKey> unread = report_unread(listing.unread, names, recipe, report);
  FoundSamples samples = find_samples(listing.images, recipe);
  // Of which there is no image that can be read.
  std::set<PartValues> unreadable;
  for (const ImageKey& key : unread)
    if (recipe.is_wanted(key.parts) && !samples.wanted.contains(key.parts))
      unreadable.insert(key.parts);
  std::set<PartValues> without_row = samples.others;
  without_row.insert(unreadable.begin(), unreadable.end());
  Report metadata(report.listener());  // which stand behind those of the images
  const SampleColumns columns(
      load_metadata(names, recipe, samples.wanted, metadata, without_row, kept), recipe,
      report.listener());
  columns.tell_oddities(samples.wanted, report.listener());
  leave_out_unwanted(samples, columns, recipe, report.listener());
  tell_similar_patients(samples.wanted, recipe, names, report.listener());
  tell_patients_of_tables(samples.wanted, columns, recipe, report.listener());
  std::optional<VolumeChoice> choice;
  if (recipe.choose())
    choice.emplace(
        choose_volumes(listing.images, samples.wanted, columns, recipe, report, outcome));
  LabelFiles labels(recipe);
  IdentifiedImages identified = identify_images(std::exchange(listing.images, {}), names, recipe,
                                                samples.wanted, choice, labels, report, outcome);
  const std::vector<ArchivedImage>& images = identified.images;
  require_distinct_ids(samples.wanted, recipe);
  Headers headers = read_headers(names, images, recipe, read, context, report, outcome);
  std::vector<ListedImage> listed;
  std::set<std::string> patients;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& [path, key] = images[i];
    listed.push_back({path, key, headers[i] != nullptr});
    patients.insert(recipe.patient(key.parts));
  }
  for (const ImageKey& key : identified.ambiguous) {
    listed.push_back({"", key, false});
    patients.insert(recipe.patient(key.parts));
  }
  std::set<ImageKey> known;  // images that have a file
  if (!unread.empty())
    for (const ArchivedImage& image : images) known.insert(image.key);
  std::set<ImageKey> not_read;  // of wanted samples, without another file that is
  for (const ImageKey& key : unread) {
    const bool is_wanted = samples.wanted.contains(key.parts) || unreadable.contains(key.parts);
    if (!is_wanted || known.contains(key) || !labels.takes(key)) continue;
    not_read.insert(key);
    listed.push_back({"", key, false});
    patients.insert(recipe.patient(key.parts));
  }
  report_missing_images(listed, samples.others, recipe, columns, choice, report, outcome);
  listed = decltype(listed)();
  labels.tell(report.listener());
  leave_out_partial_masks(identified, not_read, headers, recipe, report, outcome);
  ScannedArchive scanned;
  scanned.doubts = doubts_of(images, headers);
  for (const Problem& doubt : scanned.doubts) report.add(doubt);
  report.keep(metadata.problems());
  std::set<std::string> ids;
  for (const auto* set : {&samples.wanted, &unreadable})
    for (const PartValues& sample : *set) ids.insert(recipe.sample_id(sample));
  scanned.manifest = make_table(std::move(identified.images), headers, recipe, columns);
  scanned.patients = patients.size();
  scanned.samples = {ids.begin(), ids.end()};
  scanned.ruled_out = ruled_out(samples, columns, recipe);
  scanned.told = identified.ambiguous_files;
  for (const ImageKey& key : not_read)
    if (!key.is_mask) scanned.told.push_back(recipe.sample_id(key.parts));
  return scanned;
}

}  // namespace nicohort
