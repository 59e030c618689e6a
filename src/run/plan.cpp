#include "run/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/samples.hpp"
#include "dataset/unfinished.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr double most_gone = 0.1;  // of a dataset's samples

// Whether the files of the sample are still of these channels and labels.
bool are_same_images(const Recipe& recipe, const ArchiveSample& sample,
                     const SampleRecord& record) {
  std::vector<std::string> channels;
  if (record.volume)
    for (const ChannelSummary& channel : record.volume->channels) channels.push_back(channel.name);
  const auto masks = record.drawn_masks();
  return channels == recipe.channels().all() &&
         (masks.empty() || record.overlap == recipe.images().overlap()) &&
         std::equal(
             masks.begin(), masks.end(), sample.masks.begin(), sample.masks.end(),
             [](const InputFile& one, const InputFile& other) { return one.label == other.label; });
}

bool has_same_inputs(const PlanInput& input, const ArchiveSample& sample,
                     const SampleRecord& record, Cache& cache) {
  const auto images = sample.images();
  return std::equal(images.begin(), images.end(), record.inputs.begin(), record.inputs.end(),
                    [&](const std::string& image, const InputFile& before) {
                      return image == before.path &&
                             sha256_of_image(input.making.archive, image, cache) == before.sha256;
                    });
}

std::string why_changed(const PlanInput& input, const ArchiveSample& sample,
                        const SampleRecord& record, Cache& cache) {
  if (!record.is_written()) return "it could not be used before";
  if (record.sample_files().folder != sample.files.folder) return "the folder has changed";
  if (record.volume && record.volume->has_source_type != input.making.recipe.keeps_volume_type())
    return "`volume_type` has changed";
  if (!is_done(work_of(input.making, "run"), record))
    return "steps, labels or compression have changed";
  if (record.mask && works_of(record) != works_of(steps_of(input.making, sample)))
    return "the recipe's steps are for other samples now";
  const auto images = sample.images();
  if (images.size() != record.inputs.size()) return "the number of images has changed";
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i] != record.inputs[i].path) return "the names of images have changed";
    if (sha256_of_image(input.making.archive, images[i], cache) != record.inputs[i].sha256)
      return images[i] + " has changed";
  }
  if (!are_same_images(input.making.recipe, sample, record))
    return "the recipe's channels or labels of images have changed";
  const std::string info = sample.files.info().filename().string();
  for (const auto& [file, sha256] : record.files)
    if (file != info && !is_as_recorded(input.dataset, record, sample.files.folder / file, &cache))
      return file + (state_of(input.dataset / sample.files.folder / file).exists() ? " has changed"
                                                                                   : " is missing");
  return "";
}

// record: that it has, if it can be read.
PlannedSample plan_sample(const PlanInput& input, const ArchiveSample& sample,
                          const std::optional<SampleRecord>& record, bool is_damaged,
                          Cache& cache) {
  PlannedSample planned;
  if (!record) {
    planned.why = is_damaged ? "the record is damaged" : "new";
    return planned;
  }
  planned.is_written = record->is_written();
  planned.is_unusable = !planned.is_written && has_same_inputs(input, sample, *record, cache);
  planned.why = input.again ? again_text : why_changed(input, sample, *record, cache);
  if (!planned.why.empty()) return planned;
  // Metadata may have changed where the images have not.
  const fs::path info = sample.files.info();
  const std::string sha256 = sha256_of(info_text(sample.info));
  const auto recorded = record->files.find(info.filename().string());
  if (recorded != record->files.end() && recorded->second == sha256 &&
      record->parts == sample.info.parts && is_as_recorded(input.dataset, *record, info, &cache)) {
    planned.problems = record->all_problems();
    return planned;
  }
  planned.why = "metadata have changed";
  planned.only_info = true;
  return planned;
}

// samples: sorted by ID.
bool has(const std::vector<ArchiveSample>& samples, const std::string& id) {
  const auto found = std::lower_bound(samples.begin(), samples.end(), id,
                                      [](const ArchiveSample& sample, const std::string& wanted) {
                                        return sample.info.id < wanted;
                                      });
  return found != samples.end() && found->info.id == id;
}

// Which sample of the archive uses an image, by its path.
using UsedImages = std::unordered_map<std::string_view, const ArchiveSample*>;

UsedImages used_images_of(const std::vector<ArchiveSample>& samples) {
  UsedImages used;
  for (const ArchiveSample& sample : samples) {
    for (const std::string& volume : sample.volumes)
      if (!volume.empty()) used[volume] = &sample;
    for (const InputFile& mask : sample.masks) used[mask.path] = &sample;
  }
  return used;
}

// Whether the images of a recorded sample are in the archive no more, or are another sample's.
bool is_gone(const PlanInput& input, const SampleRecord& record, const UsedImages& used_images) {
  return std::all_of(record.inputs.begin(), record.inputs.end(), [&](const InputFile& image) {
    if (used_images.contains(image.path)) return true;
    const auto file = input.making.archive.find(image.path);
    if (!file) return input.is_listing_complete;
    std::error_code error;
    return fs::symlink_status(*file, error).type() == fs::file_type::not_found;
  });
}

// Whether images of the same names as a recorded sample's are used now, but with another content:
// its own may lie in another archive. Beside the same volume, a mask was only corrected.
bool is_of_another_archive(const PlanInput& input, const SampleRecord& record,
                           const UsedImages& used_images, Cache& cache) {
  bool is_other = false;
  for (const InputFile& image : record.inputs) {
    if (!used_images.contains(image.path)) continue;
    const bool is_same = sha256_of_image(input.making.archive, image.path, cache) == image.sha256;
    if (is_same && !image.is_mask) return false;
    is_other |= !is_same;
  }
  return is_other;
}

// Whether the archive still has the volume that a recorded sample was made of.
bool is_of_this_archive(const PlanInput& input, const SampleRecord& record, Cache& cache) {
  return std::all_of(record.inputs.begin(), record.inputs.end(), [&](const InputFile& image) {
    return image.is_mask ||
           sha256_of_image(input.making.archive, image.path, cache) == image.sha256;
  });
}

// Whether a mask file of a recorded sample is in the archive no more, where the recipe still looks
// for it and takes no other instead. One that is there, but cannot be used, is not gone.
bool has_lost_mask(const PlanInput& input, const ArchiveSample& sample,
                   const SampleRecord& record) {
  const Recipe& recipe = input.making.recipe;
  if (!record.mask || !sample.has_volume() ||
      recipe.is_without_mask([&](const std::string& column) { return sample.info.column(column); }))
    return false;
  const auto before = record.drawn_masks();
  return std::any_of(before.begin(), before.end(), [&](const InputFile& mask) {
    const auto key = recipe.parse_image_path(mask.path);
    return key && key->is_mask && recipe.sample_id(key->parts) == record.id &&
           std::none_of(sample.masks.begin(), sample.masks.end(),
                        [&](const InputFile& other) { return other.label == mask.label; }) &&
           !input.making.archive.has(mask.path);
  });
}

// A sample of the archive that the dataset has files of: they stay, or another takes their place,
// unless it has no volume that can be read and is not kept as it was.
void add_written(const PlanInput& input, const ArchiveSample& sample, const SampleRecord& record,
                 Plan& plan) {
  const OtherSample recorded{record.id, record.folder};
  const fs::path above = fs::path(record.folder).parent_path();
  ++plan.in_dataset;
  if (record.mask) {
    ++plan.masks.in_dataset;
    if (has_lost_mask(input, sample, record))
      plan.masks.gone.push_back(recorded);
    else
      plan.masks.kept.insert(above);
  }
  if (sample.has_volume() ||
      is_kept(record, input.making.archive, input.making.recipe, Lacking::volume))
    plan.kept.insert(above);
  else
    plan.lost.push_back(recorded);
}

// What becomes of those that the archive does not have.
void plan_others(const PlanInput& input, std::vector<FoundSample>& others, Cache& cache,
                 Plan& plan) {
  std::set<fs::path> folders;
  for (const ArchiveSample& sample : input.samples)
    folders.insert(sample.files.folder.parent_path());
  const UsedImages used_images = used_images_of(input.samples);
  for (FoundSample& found : others) {
    const std::string& id = found.id;
    const auto record = read_record_of(found, input.dataset);
    if (!record && !found.damage && found.folders.empty()) continue;  // it has just been removed
    if (found.damage)
      plan.damaged.push_back(
          {id, found.damage->kind,
           fmt::format("its record {} {}", found.damage->subject, found.damage->what)});
    else if (!record)
      plan.damaged.push_back(
          {id, ProblemKind::changed_file,
           fmt::format("has files in the dataset, but no record, and is not in the archive; "
                       "restore .nicohort/{}.json from a backup, or move {} out of the dataset",
                       id, found.folders.front())});
    if (!record) continue;
    const OtherSample other{id, record->folder};
    plan.in_dataset += record->is_written();
    if (!record->is_written()) {
      plan.gone.push_back(other);
      continue;
    }
    if (record->inputs.empty()) {  // not made from an archive
      plan.left.push_back(other);
      continue;
    }
    if (is_of_another_archive(input, *record, used_images, cache)) {
      const bool is_among_ours = folders.contains(fs::path(record->folder).parent_path());
      (is_among_ours ? plan.left : plan.elsewhere).push_back(other);
      continue;
    }
    if (!is_gone(input, *record, used_images)) {
      const bool is_ruled_out =
          input.ruled_out.contains(id) && is_of_this_archive(input, *record, cache);
      if (is_ruled_out) plan.ruled_out.insert(id);
      (is_ruled_out ? plan.gone : plan.left).push_back(other);
      continue;
    }
    for (const InputFile& image : record->inputs)
      if (const auto user = used_images.find(image.path); user != used_images.end())
        plan.renamed[id] = user->second->info.id;
    plan.gone.push_back(other);
  }
}

// A folder of folders of samples that are gone, of which none stays; nullptr: there is none.
const fs::path* emptied_folder(const std::set<fs::path>& gone, const std::set<fs::path>& there) {
  const auto emptied = std::find_if(
      gone.begin(), gone.end(), [&](const fs::path& folder) { return !there.contains(folder); });
  return emptied == gone.end() ? nullptr : &*emptied;
}

// Words of a message; none for the folder that is the dataset.
std::string including(const fs::path* emptied) {
  return emptied && !emptied->empty()
             ? fmt::format(", including all of {}", emptied->generic_string())
             : "";
}

void require_few_masks_gone(const PlannedMasks& masks, const fs::path& archive) {
  std::set<fs::path> gone;
  for (const OtherSample& sample : masks.gone) gone.insert(fs::path(sample.folder).parent_path());
  const fs::path* emptied = emptied_folder(gone, masks.kept);
  if (!emptied && masks.gone.size() <= most_gone * masks.in_dataset) return;
  throw UsageError(fmt::format(
      "{}: of the dataset's {} with a mask, {} {} no longer in the archive{}; nothing was "
      "written, because a disk may be missing. If you removed the masks on purpose, use "
      "--allow_removal",
      archive.string(), counted(masks.in_dataset, "sample"), masks.gone.size(),
      masks.gone.size() == 1 ? "has a mask file that is" : "have mask files that are",
      including(emptied)));
}

}  // namespace

std::string Plan::why_gone(const OtherSample& sample) const {
  if (ruled_out.contains(sample.id)) return "left out by the recipe's `where`";
  const auto now = renamed.find(sample.id);
  return now == renamed.end() ? "no longer in the archive"
                              : fmt::format("its images now belong to {}", now->second);
}

std::string sha256_of_image(const ArchiveNames& archive, const std::string& image, Cache& cache) {
  try {
    const std::string key = archive_key(image);
    return archive.open(image, [&](const fs::path& file) {
      const FileState state = state_of(file);
      if (auto known = cache.sha256(key, state)) return *known;
      std::string sha256 = sha256_of_file(file);
      cache.put_sha256(key, state, sha256);
      return sha256;
    });
  } catch (const BadInput&) {
    return "";  // the work on it says what is wrong
  }
}

std::string archive_key(const std::string& image) {
  return std::string(archive_folder) + "/" + image;
}

LookedAtSample look_at(const PlanInput& input, const ArchiveSample& sample, Cache& cache) {
  FoundSample found{.id = sample.info.id, .has_record = true};
  auto record = read_record_of(found, input.dataset);
  PlannedSample planned = plan_sample(input, sample, record, found.damage.has_value(), cache);
  return {std::move(planned), std::move(record)};
}

Plan make_plan(const PlanInput& input, Cache& cache) {
  Plan plan;
  for (const ArchiveSample& sample : input.samples) {
    auto [planned, record] = look_at(input, sample, cache);
    if (planned.is_written) add_written(input, sample, *record, plan);
    plan.samples.push_back(std::move(planned));
  }
  auto others =
      list_samples(input.dataset, [&](const std::string& id) { return !has(input.samples, id); });
  plan_others(input, others, cache, plan);
  return plan;
}

Plan plan_of_others(const PlanInput& input, Cache& cache) {
  std::vector<FoundSample> others;
  for (std::string& id : record_ids(input.dataset))
    if (!has(input.samples, id)) others.push_back({.id = std::move(id), .has_record = true});
  Plan plan;
  plan_others(input, others, cache, plan);
  const bool has_lost_any =
      std::any_of(plan.gone.begin(), plan.gone.end(),
                  [&](const OtherSample& sample) {
                    return sample.is_written() && !plan.renamed.contains(sample.id);
                  }) ||
      std::any_of(input.samples.begin(), input.samples.end(), [&](const ArchiveSample& sample) {
        const Recipe& recipe = input.making.recipe;
        const bool may_lack_mask =
            recipe.images().has_mask() && (sample.masks.empty() || recipe.images().overlap());
        if (sample.has_volume() && !may_lack_mask) return false;
        const auto record = readable_record(input.dataset, sample.info.id);
        if (!record || !record->is_written()) return false;
        return sample.has_volume()
                   ? has_lost_mask(input, sample, *record)
                   : !is_kept(*record, input.making.archive, recipe, Lacking::volume);
      });
  if (!has_lost_any) return plan;  // nothing that has to be compared with the others
  for (const ArchiveSample& sample : input.samples)
    if (const auto record = readable_record(input.dataset, sample.info.id);
        record && record->is_written())
      add_written(input, sample, *record, plan);
  return plan;
}

SampleRecord record_of(const OtherSample& sample, const fs::path& dataset) {
  if (auto record = read_record(dataset, sample.id)) return std::move(*record);
  throw BadInput(sample.id, ProblemKind::changed_file,
                 "its record has gone since the command began; run the same command again");
}

bool is_kept(const SampleRecord& record, const ArchiveNames& archive, const Recipe& recipe,
             Lacking lacking) {
  return record.is_written() &&
         std::any_of(record.inputs.begin(), record.inputs.end(), [&](const InputFile& image) {
           if ((lacking == Lacking::mask && !image.is_mask) || !archive.has(image.path))
             return false;
           const auto key = recipe.parse_image_path(image.path);
           return key && recipe.sample_id(key->parts) == record.id;
         });
}

Problem problem_of_left(const OtherSample& sample) {
  return {sample.id, ProblemKind::unfinished_work,
          fmt::format("is in the dataset, but cannot be made again from this archive; correct the "
                      "archive and run the command again, or remove {} and .nicohort/{}.json",
                      sample.folder, sample.id)};
}

void require_few_gone(const Plan& plan, const fs::path& archive, bool has_new_where) {
  std::set<fs::path> gone, there = plan.kept;  // folders of the samples' folders
  std::size_t absent = 0, ruled_out = 0;
  for (const OtherSample& sample : plan.gone) {
    if (!sample.is_written() || plan.renamed.contains(sample.id)) continue;
    const bool is_ruled_out = plan.ruled_out.contains(sample.id);
    if (is_ruled_out && has_new_where) continue;
    ++(is_ruled_out ? ruled_out : absent);
    gone.insert(fs::path(sample.folder).parent_path());
  }
  for (const OtherSample& sample : plan.lost) gone.insert(fs::path(sample.folder).parent_path());
  for (const OtherSample& sample : plan.left) there.insert(fs::path(sample.folder).parent_path());
  const fs::path* emptied = emptied_folder(gone, there);
  const std::size_t count = absent + ruled_out + plan.lost.size();
  if (!emptied && count <= most_gone * plan.in_dataset)
    return require_few_masks_gone(plan.masks, archive);
  std::vector<std::string> why;
  const auto add = [&](std::size_t number, const char* one, const char* several) {
    if (number == 0) return;
    const std::string of = fmt::format(" of the dataset's {} samples", plan.in_dataset);
    why.push_back(
        fmt::format("{}{} {}", number, why.empty() ? of : "", number == 1 ? one : several));
  };
  add(absent, "is no longer in the archive", "are no longer in the archive");
  add(ruled_out, "no longer fulfils the recipe's `where`", "no longer fulfil the recipe's `where`");
  add(plan.lost.size(), "has other images now, which cannot be used",
      "have other images now, which cannot be used");
  throw UsageError(fmt::format(
      "{}: {}{}; nothing was written, because {}. If you {} on purpose, use --allow_removal",
      archive.string(), fmt::join(why, ", "), including(emptied),
      absent > 0 ? "a disk may be missing" : "files may be damaged",
      absent == count ? "removed the images" : "changed this"));
}

}  // namespace nicohort
