#include "propose/propose_recipe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "archive/archive_listing.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "propose/draft_matches.hpp"
#include "propose/file_names.hpp"
#include "propose/image_look.hpp"
#include "propose/json_file.hpp"
#include "propose/layouts.hpp"
#include "propose/piece_values.hpp"
#include "propose/proposal_check.hpp"
#include "propose/tables.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_channels = 64;  // of a 4-D image
constexpr const char* looked_for =
    "looked for nnU-Net raw data and the Medical Segmentation Decathlon (imagesTr, labelsTr), BIDS "
    "(sub-*), TotalSegmentator (CASE/segmentations) and for identifiers in the names of folders "
    "and "
    "files";

// `{pid}` if that is enough; else the site, the identifier, and one other part or all; the subset
// last of all.
std::string id_for(const Recipe& recipe, const Matches& matches) {
  const auto pid = recipe.part_index("pid");
  if (!pid) return "";
  std::vector<std::size_t> before, behind, subset;
  for (std::size_t i = 0; i < recipe.parts().size(); ++i) {
    const std::string& name = recipe.parts()[i].name;
    if (i != *pid) (name == "site" ? before : name == "subset" ? subset : behind).push_back(i);
  }
  auto is_enough = [&](const std::vector<std::size_t>& parts) {
    std::set<std::vector<std::string>> ids;
    for (const auto& [values, keys] : matches.samples) {
      std::vector<std::string> id;
      for (const std::size_t part : parts) id.push_back(values[part]);
      if (!ids.insert(std::move(id)).second) return false;
    }
    return true;
  };
  std::vector<std::vector<std::size_t>> choices{{*pid}};
  before.push_back(*pid);
  for (const std::size_t part : behind) {
    choices.push_back(before);
    choices.back().push_back(part);
  }
  before.insert(before.end(), behind.begin(), behind.end());
  choices.push_back(before);
  before.insert(before.end(), subset.begin(), subset.end());
  const auto enough = std::find_if(choices.begin(), choices.end(), is_enough);
  const auto& parts = enough == choices.end() ? before : *enough;
  std::string id;
  for (const std::size_t i : parts) {
    const Part& part = recipe.parts()[i];
    const std::string piece = (id.empty() ? "{" : "_{") + part.name + "}";
    id += part.can_be_empty ? "[" + piece + "]" : piece;
  }
  return id;
}

// Names of a part of which no sample has a mask, nor is there a mask that could be one of theirs.
void find_no_mask(const Recipe& recipe, const Matches& matches,
                  const std::vector<std::string>& masks_without_match, Draft& draft) {
  if (matches.masks.empty()) return;
  for (std::size_t i = 0; i < recipe.parts().size(); ++i) {
    const Part& part = recipe.parts()[i];
    if (!part.has_values()) continue;
    std::set<std::string> with;
    for (const auto& [values, keys] : matches.samples)
      if (has(keys, true)) with.insert(values[i]);
    std::set<std::string> never;
    for (const auto& [values, keys] : matches.samples)
      if (!with.contains(values[i])) never.insert(values[i]);
    std::erase_if(never, [&](const std::string& value) {
      return std::any_of(
          masks_without_match.begin(), masks_without_match.end(),
          [&](const std::string& path) { return value_in(path, {part.in_archive(value)}); });
    });
    if (never.empty()) continue;
    draft.no_mask = {{part.name, {never.begin(), never.end()}}};
    if (never != std::set<std::string>{"test"})
      draft.comments.push_back(
          fmt::format("No image has a mask where `{}` is {}: `no_mask` says that this is right",
                      part.name, fmt::join(never, ", ")));
    return;
  }
}

// The channels of 4-D volumes, by the headers of the first and the last.
void find_channels(const ArchiveFiles& files, const Matches& matches, Draft& draft) {
  const auto count_in = [&](const std::string& path) {
    const auto header = look_at_header(files, path);
    return header ? static_cast<std::size_t>(header->channels) : 0;
  };
  const auto tell = [&](const std::string& text) { draft.comments.push_back(text); };
  if (!matches.masks.empty() && count_in(matches.masks.front()) > 1)
    tell(fmt::format("{} is 4-D, and cannot be used as a mask", matches.masks.front()));
  const std::size_t count = count_in(matches.volumes.front()),
                    in_last = count_in(matches.volumes.back());
  if (count == 0) return;
  if (in_last > 0 && in_last != count)
    tell(fmt::format("{} has {}, but {} has {}", matches.volumes.front(), counted(count, "volume"),
                     matches.volumes.back(), in_last));
  if (draft.volumes.size() > 1 || count > most_channels) {
    if (count > 1)
      tell(fmt::format("{} is 4-D, with {} volumes; split it into 3-D images",
                       matches.volumes.front(), count));
    return;
  }
  std::vector<std::string>& names = draft.channels_in_file;
  if (!names.empty() && names.size() != count)
    tell(fmt::format("dataset.json names {} channels ({}), but {} has {}", names.size(),
                     fmt::join(names, ", "), matches.volumes.front(), counted(count, "volume")));
  if (names.size() == count) return;
  names.clear();
  if (count == 1) return;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("c{}", i));
  tell(
      "The volumes are 4-D: c0, c1 ... are their channels, to be renamed. If they are points in "
      "time, each becomes a channel all the same");
}

// Whether a pattern has the part by its short form, which then is that of files or tables.
bool has_short_forms(const Draft& draft, const Part& part) {
  const std::string placeholder = "{" + part.name + "}";
  const auto has_it = [&](const std::string& pattern) {
    return pattern.find(placeholder) != std::string::npos;
  };
  const auto is_in_second = [&](const auto& entry) { return has_it(entry.second); };
  return has_it(draft.mask) ||
         std::any_of(draft.volumes.begin(), draft.volumes.end(), is_in_second) ||
         std::any_of(draft.tables.begin(), draft.tables.end(), [&](const DraftTable& table) {
           return has_it(table.file) ||
                  std::any_of(table.keys.begin(), table.keys.end(), is_in_second);
         });
}

void describe_names(Draft& draft) {
  for (const Part& part : draft.parts) {
    if (!part.has_values() || part.name == "subset") continue;
    const bool has_no_mask =
        std::any_of(draft.no_mask.begin(), draft.no_mask.end(),
                    [&](const auto& condition) { return condition.first == part.name; });
    draft.comments.push_back(
        has_short_forms(draft, part)
            ? fmt::format("`{}` is a guess; rename the part as you like, but not its short forms "
                          "(before the colons), which the archive has, too",
                          part.name)
            : fmt::format("`{}` is a guess; rename the part and its short forms (before the "
                          "colons{}) as you like",
                          part.name, has_no_mask ? ", and in `no_mask`" : ""));
  }
}

// Why a text is no recipe; empty: it is one.
std::string recipe_fault(const std::string& text) {
  try {
    static_cast<void>(Recipe(text, proposal_source));
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

// The keys without which nicohort accepts the draft as a recipe.
std::vector<std::string> refused_keys(const Draft& draft, Listener& listener) {
  std::vector<std::string> left_out,
      keys{"splits", "groups", "no_mask", "metadata", "labels", "intensity", "id", "name"};
  std::string fault = recipe_fault(recipe_text(draft));
  if (!fault.empty()) listener.note(fmt::format("Left something out: {}", fault));
  while (!fault.empty() && !keys.empty()) {
    // One key alone, if that is enough.
    const auto guilty = std::find_if(keys.begin(), keys.end(), [&](const std::string& key) {
      auto without = left_out;
      without.push_back(key);
      return recipe_fault(recipe_text(draft, without)).empty();
    });
    const auto key = guilty == keys.end() ? keys.begin() : guilty;
    left_out.push_back(*key);
    keys.erase(key);
    fault = recipe_fault(recipe_text(draft, left_out));
  }
  if (!fault.empty()) throw UsageError(fault);
  return left_out;
}

std::string finished(Draft draft, const ArchiveFiles& files, Report& report) {
  Listener& listener = report.listener();
  {
    const Recipe recipe(recipe_text(draft), proposal_source);
    const Matches matches = matches_of(recipe, files.images);
    if (draft.id.empty()) draft.id = id_for(recipe, matches);
    find_no_mask(recipe, matches, unused_masks(files, matches).misfits, draft);
    find_channels(files, matches, draft);
    std::vector<PartValues> samples;
    for (const auto& [values, keys] : matches.samples) samples.push_back(values);
    add_tables(files, recipe.parts(), samples, draft);
    describe_names(draft);
  }
  const auto left_out = refused_keys(draft, listener);
  const Recipe recipe(recipe_text(draft, left_out), proposal_source);
  const Matches matches = matches_of(recipe, files.images);
  std::vector<std::string> counts;
  for (const auto& described : recipe.images().described()) {
    std::size_t count = 0;
    for (const auto& [values, keys] : matches.samples)
      count += std::count_if(keys.begin(), keys.end(), [&](const ImageKey& key) {
        return key.is_mask == described.is_mask &&
               (key.is_mask || key.channel == described.channel);
      });
    counts.push_back(fmt::format("`{}` matches {}", described.pattern,
                                 counted(count, described.is_mask ? "mask" : "volume")));
  }
  const UnusedMasks unused = unused_masks(files, matches);
  describe_samples(recipe, matches, unused, draft);
  listener.note(fmt::format("Found {}: {}, {}.", draft.layout,
                            counted(files.images.size(), "image file"),
                            counted(matches.samples.size(), "sample")));
  for (const std::string& count : counts) listener.note("  " + count);
  if (matches.ignored > 0)
    listener.note(fmt::format("  {} left out by `ignore`", counted(matches.ignored, "image file")));
  listener.note(
      fmt::format("  {} matched by no pattern", counted(matches.misfits.size(), "image file")));
  for (const std::string& comment : draft.comments) listener.note("Check: " + comment);
  for (const Problem& fault : faults_of(recipe, matches, unused)) {
    report.add(fault);
    draft.comments.push_back(fault.subject + " " + fault.what);
  }
  return recipe_text(draft, left_out);
}

std::string name_of_archive(const fs::path& root) {
  const std::string name = root.filename().string();
  return name == "archive" ? root.parent_path().filename().string() : name;
}

// What a dataset.json says of files that are no images here.
std::string other_ending(const fs::path& root) {
  std::string fault;
  const auto json = read_json_file(root / "dataset.json", fault);
  const auto ending = json.is_object() ? json.find("file_ending") : json.end();
  return json.is_object() && ending != json.end() && ending->is_string()
             ? fmt::format(" (dataset.json says that its images end in {})",
                           ending->get<std::string>())
             : "";
}

// The archive's folder, also if the folder around it is named.
fs::path archive_in(const fs::path& folder, Listener& listener) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw UsageError(fmt::format("{}: {}; name the folder of an archive", folder.string(),
                                 fs::exists(folder, error) ? "is not a folder" : "no such folder"));
  if (is_dataset(folder))
    throw UsageError(fmt::format("{}: is a dataset; name the folder of an archive{}",
                                 folder.string(), meant_instead_of(folder, CohortFolder::archive)));
  fs::path root = fs::canonical(folder);
  const bool is_root_dir =
      fs::is_directory(root / "archive", error) &&
      (fs::is_directory(root / "grouped", error) || fs::is_directory(root / "descriptor", error));
  if (!is_root_dir) return root;
  listener.note("Looking at the folder archive in it.");
  return root / "archive";
}

}  // namespace

std::string propose_recipe(const fs::path& folder, Report& report) {
  ArchiveFiles files{archive_in(folder, report.listener()), {}};
  ArchiveNames names(files.root);
  names.follow_links();
  ArchiveListing listing = list_archive(names);
  for (const Problem& problem : listing.problems) report.add(problem);
  files.images = std::move(listing.images);
  if (files.images.empty())
    throw UsageError(fmt::format(
        "{}: has no image; looked for files that end in .nii.gz or .nii, in it and in all folders "
        "below, but those whose names begin with a dot{}. Convert other formats, such as DICOM, to "
        "NIfTI first",
        folder.string(), other_ending(files.root)));
  std::optional<Draft> best;
  std::pair<std::size_t, std::ptrdiff_t> most;  // images in place, and less those out of place
  for (auto* propose : {propose_images_tr, propose_bids, propose_by_names, propose_by_folders}) {
    auto draft = propose(files);
    const auto matches = draft ? try_draft(*draft, files.images) : std::nullopt;
    if (!matches) continue;
    const std::size_t in_place = matches->in_place();
    const std::pair quality(in_place, -static_cast<std::ptrdiff_t>(matches->out_of_place()));
    if (best && quality <= most) continue;
    most = quality;
    best = std::move(draft);
    if (best->is_certain || in_place * 10 >= files.images.size() * 9) break;
  }
  if (best) {
    if (best->name.empty()) best->name = name_of_archive(files.root);
    return finished(std::move(*best), files, report);
  }
  throw UsageError(fmt::format("{}: has {}, but no pattern for their names was found; {}",
                               folder.string(), counted(files.images.size(), "image file"),
                               looked_for));
}

}  // namespace nicohort
