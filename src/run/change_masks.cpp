#include "run/change_masks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/below.hpp"
#include "base/listener.hpp"
#include "base/near_miss.hpp"
#include "base/sha256.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/info.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/transaction.hpp"
#include "deflate/codecs.hpp"
#include "run/finish_mask.hpp"
#include "run/make_samples.hpp"
#include "run/stored_volume.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"
#include "step/foreground.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Steps of a record that are no steps of a recipe: who went on from a mask that somebody had drawn
// on.
constexpr const char* edited_by_hand = "edited_by_hand";
// And that its labels were changed, which lists and cleaning depend on.
constexpr const char* labels_changed = "labels_changed";

// Those that would change something.
Steps steps_to_do(const Steps& steps, const SampleRecord& record) {
  const std::vector<StepWork> works = works_to_do(works_of(steps), works_of(record));
  Steps to_do;
  for (const StepPtr& step : steps)  // in the same order
    if (to_do.size() < works.size() && step->work() == works[to_do.size()]) to_do.push_back(step);
  return to_do;
}

// What is done to each sample.
Work work_of(const MaskChange& change, const LabelGroups& groups) {
  Work work{change.command, false, works_of(change.steps), change.labels,
            name_of(change.compression)};
  work.groups = groups;
  return work;
}

LabelNames labels_of_files(const std::vector<BinaryMaskFile>& files) {
  LabelNames labels;
  for (const BinaryMaskFile& file : files)
    if (!labels.emplace(file.label, file.name).second)
      throw BadInput(file.path.generic_string(), ProblemKind::changed_file,
                     "is a second mask of the same label; remove the one that is out of date");
  return labels;
}

// Those that were looked at when the sample was made.
PickedVoxels picked_voxels(const MaskSummary& summary, const LabelMask& mask) {
  const std::int64_t drawn = summary.intensity.voxels + summary.intensity.not_finite;
  return PickedVoxels(drawn > 0 ? drawn : count(foreground(mask)));
}

// As its files are; nothing where there are none.
std::optional<VolumeSummary> volume_in(const fs::path& dataset, const SampleFiles& files,
                                       const std::vector<std::string>& channels) {
  std::optional<VolumeSummary> volume;
  for (const std::string& channel : channels) {
    const fs::path file = files.volume(channel);
    std::error_code error;
    if (!fs::exists(dataset / file, error)) continue;
    require_below(dataset, dataset / file, "dataset");
    blaming(file.generic_string(), [&] {
      ImageReader reader(dataset / file, true);
      reader.read_values([](std::span<const float>) {});
      if (!volume) {
        volume.emplace();
        volume->geometry = reader.header().geometry;
      }
      volume->channels.push_back({channel, reader.value_hash()});
    });
  }
  return volume;
}

// In what two volumes differ, so that they are not one scan; empty if they do not.
std::string difference(const VolumeSummary& volume, const VolumeSummary& other) {
  const auto is_equal = [&](const auto member) {
    return std::equal(volume.channels.begin(), volume.channels.end(), other.channels.begin(),
                      other.channels.end(), [&](const auto& one, const auto& another) {
                        return one.*member == another.*member;
                      });
  };
  if (!is_equal(&ChannelSummary::name)) return "channels";
  std::string geometry = inconsistency(volume.geometry, other.geometry);
  if (is_equal(&ChannelSummary::value_hash)) return geometry;
  return geometry.empty() ? "voxel values" : "voxel values, " + geometry;
}

// One sample of a dataset that is changed.
class Changing {
 public:
  // groups: of the labels that the change has.
  Changing(const MaskChange& change, const Recipe& recipe, LabelGroups groups, Transaction& output,
           Cache& cache, bool is_in_place, Listener& listener)
      : change_(change),
        recipe_(recipe),
        groups_(std::move(groups)),
        output_(output),
        cache_(cache),
        is_in_place_(is_in_place),
        listener_(listener) {}

  ChangedSample operator()(const FoundSample& found, ProblemSink& problems) const;

 private:
  bool exists(const fs::path& file) const {
    std::error_code error;
    return fs::exists(change_.output / file, error);
  }
  bool has_all_files(const SampleFiles& files, const LabelNames& labels) const;
  bool is_unchanged(const SampleFiles& files, const SampleRecord& record) const;
  // In place only.
  bool are_masks_as_recorded(const SampleFiles& files, const SampleRecord& record) const;
  LabelNames labels_of_sample(const SampleFiles& files, const SampleRecord& record) const;
  // What the other dataset has of the sample. Throws BadInput where it is in another folder, or has
  // a volume to which the mask does not belong.
  std::optional<SampleRecord> record_there(const SampleFiles& files,
                                           const std::vector<std::string>& channels,
                                           const SampleRecord& record) const;
  // channels: of its volume.
  SampleRecord change(const SampleFiles& files, const std::vector<std::string>& channels,
                      SampleRecord record, ProblemSink& problems) const;

  const MaskChange& change_;
  const Recipe& recipe_;  // of the dataset
  const LabelGroups groups_;
  Transaction& output_;
  Cache& cache_;  // of the dataset that is written
  bool is_in_place_;
  Listener& listener_;
};

bool Changing::has_all_files(const SampleFiles& files, const LabelNames& labels) const {
  return exists(files.mask()) && !labels.empty() &&
         std::all_of(labels.begin(), labels.end(),
                     [&](const auto& label) {
                       return exists(files.binary_mask(label.first, label.second));
                     }) &&
         std::all_of(groups_.begin(), groups_.end(),
                     [&](const LabelGroup& group) { return exists(files.group_mask(group.name)); });
}

bool Changing::is_unchanged(const SampleFiles& files, const SampleRecord& record) const {
  if (change_.again || !is_in_place_ || !is_done(work_of(change_, groups_), record)) return false;
  return are_masks_as_recorded(files, record);
}

bool Changing::are_masks_as_recorded(const SampleFiles& files, const SampleRecord& record) const {
  const auto is_right = [&](const fs::path& file) {
    return is_as_recorded(change_.root, record, file, &cache_);
  };
  const auto masks = record.binary_masks();
  return is_right(files.mask()) && std::all_of(masks.begin(), masks.end(), is_right);
}

// The labels by which the sample's binary masks are cut, which must be as they were cut: what was
// drawn on one of them would be lost.
LabelNames Changing::labels_of_sample(const SampleFiles& files, const SampleRecord& record) const {
  if (change_.labels) return *change_.labels;
  if (record.labels.empty()) return labels_of_files(find_binary_masks(change_.root, files));
  for (const fs::path& file : record.binary_masks()) {
    std::error_code error;
    if (!fs::exists(change_.root / file, error))
      throw BadInput(file.generic_string(), ProblemKind::incomplete,
                     "is missing; run extract_binary_masks again");
    if (!is_as_recorded(change_.root, record, file, is_in_place_ ? &cache_ : nullptr))
      throw BadInput(file.generic_string(), ProblemKind::changed_file,
                     fmt::format("has been edited since it was made from {}; make the change in "
                                 "that mask and run extract_binary_masks again",
                                 files.mask().filename().string()));
  }
  return record.labels;
}

std::optional<SampleRecord> Changing::record_there(const SampleFiles& files,
                                                   const std::vector<std::string>& channels,
                                                   const SampleRecord& record) const {
  std::optional<SampleRecord> there = read_record(change_.output, files.id);
  if (there && there->is_written() && there->folder != record.folder)
    throw BadInput(ProblemKind::layout,
                   fmt::format("is in the folder {} in {}; give another --output_dir",
                               there->folder, change_.output.string()));
  // Where the folder has masks alone, their volume may have been another one.
  if (there && there->volume &&
      !there->files.contains(there->volumes().front().filename().string()))
    there->volume.reset();
  const auto volume_there =
      there && there->volume ? there->volume : volume_in(change_.output, files, channels);
  if (!volume_there) return there;
  const auto volume = record.volume ? record.volume : volume_in(change_.root, files, channels);
  const std::string differs = volume ? difference(*volume, *volume_there) : "";
  if (!volume || !differs.empty())
    throw BadInput(ProblemKind::changed_file,
                   fmt::format("has a volume in {}{}, to which its mask in {} may not belong; give "
                               "another --output_dir",
                               change_.output.string(),
                               volume ? fmt::format(" that differs in {}", differs) : "",
                               change_.root.string()));
  return there;
}

SampleRecord Changing::change(const SampleFiles& files, const std::vector<std::string>& channels,
                              SampleRecord record, ProblemSink& problems) const {
  std::optional<SampleRecord> there;
  if (!is_in_place_) {
    there = record_there(files, channels, record);
    if (there && there->volume) record.volume = there->volume;  // as its file there is stored
  }
  StagedSample staged = output_.stage(files.id, files.folder);
  staged.watch(change_.root / files.mask());
  LoadedMask mask = blaming(files.mask().generic_string(),
                            [&] { return read_mask(change_.root / files.mask(), true); });
  const std::string mask_name = files.mask().filename().string();
  const auto recorded = record.files.find(mask_name);
  const bool is_edited = recorded != record.files.end() && recorded->second != mask.sha256;
  if (is_edited)
    record.steps.push_back(
        {{edited_by_hand, fmt::format("{{\"sha256\":\"{}\"}}", mask.sha256), 1}, {}});
  if (!record.mask) record.mask.emplace();
  if (is_edited || recorded == record.files.end())
    record.mask->original = foreground_voxels(mask.labels);
  MaskState state{std::move(mask.labels), mask.header.geometry, labels_of_sample(files, record),
                  change_.labels ? groups_ : record.groups};
  const Steps steps = change_.again ? change_.steps : steps_to_do(change_.steps, record);
  if (!record.labels.empty() && state.labels != record.labels)
    record.steps.push_back({{labels_changed, "{}", 1}, {}});
  const std::size_t before = record.steps.size();
  const LabelMask mask_before = state.mask;
  const BinaryMask foreground_before = foreground(mask_before);
  StoredVolume volume(change_.root, files, channels, state.geometry.size);
  volume.look(steps, foreground_before, picked_voxels(*record.mask, mask_before));
  const LabelNames labels_before = record.labels;
  const LabelGroups groups_before = record.groups;
  const std::vector<Problem> told = record.mask_problems;
  do_steps(steps, state, volume.values(), record);
  const BinaryMask foreground_now = foreground(state.mask);
  if (record.volume && (is_edited || foreground_now != foreground_before))
    record.mask->foreground = volume.under(foreground_now);
  for (std::size_t i = before; i < record.steps.size(); ++i)
    for (const auto& [kind, what] : record.steps[i].findings.problems) problems.add(kind, what);
  for (const Problem& problem : record.mask_problems)
    if (problem.kind == ProblemKind::unmapped_label
            ? change_.labels.has_value()
            : !steps.empty() && std::find(told.begin(), told.end(), problem) == told.end())
      problems.add(problem);
  const bool is_written = is_in_place_ && state.mask == mask_before &&
                          state.labels == labels_before && state.groups == groups_before &&
                          are_masks_as_recorded(files, record);
  if (!is_written) {
    record.compression = name_of(change_.compression);
    record.codec = codec_of(change_.compression);
    if (!is_in_place_)  // beside what the other dataset has of the sample
      record.files = there ? there->files : std::map<std::string, std::string>();
    std::erase_if(record.files,
                  [&](const auto& file) { return file.first.starts_with(files.id + "_mask"); });
    add_masks(staged, files, state, change_.compression);
  }
  tell(staged.commit(record), files.id, listener_);
  return record;
}

ChangedSample Changing::operator()(const FoundSample& found, ProblemSink& problems) const {
  const SampleFiles files = found.files();
  require_below(change_.root, files);
  ChangedSample changed{files};
  if (!has_mask(change_.root, files)) {
    if (const auto record = readable_record(change_.root, files.id);
        record && record->files.contains(files.mask().filename().string()))
      throw missing(files.mask());
    changed.state = ChangedSample::State::without_mask;
    return changed;
  }
  // A record that cannot be read is not written over.
  if (found.damage) throw BadInput(found.damage->subject, found.damage->kind, found.damage->what);
  const auto before = readable_record(change_.root, files.id);
  SampleRecord record = before.value_or(SampleRecord());
  if (change_.skip_existing && !output_.was_left(files.id)) {
    const LabelNames labels =
        change_.labels ? *change_.labels : labels_of_files(find_binary_masks(change_.root, files));
    if (has_all_files(files, labels)) {
      changed.state = ChangedSample::State::skipped;
      return changed;
    }
  }
  if (is_unchanged(files, record)) {
    changed.state = ChangedSample::State::unchanged;
    for (const Problem& problem : record.all_problems()) problems.add(problem);
    changed.record = std::move(record);
    return changed;
  }
  record.id = files.id;
  record.folder = files.folder.generic_string();
  const std::size_t steps = record.steps.size();
  changed.record = change(files, channels_of(before, recipe_), std::move(record), problems);
  changed.new_steps = changed.record->steps.size() - steps;
  changed.state = ChangedSample::State::done;
  return changed;
}

// The samples that do not fulfil the condition. One whose info file cannot be read does: it is told
// when it is changed.
std::set<std::string> not_wanted(const Dataset& dataset, const Condition& where) {
  std::set<std::string> ids;
  if (where.wishes.empty()) return ids;
  std::vector<std::string> columns;
  for (const FoundSample& sample : dataset.samples) {
    try {
      const SampleInfo info = read_info(dataset.root, sample.files(), info_keys(dataset.recipe));
      for (const auto& [name, value] : info.parts) columns.push_back(name);
      for (const auto& [name, value] : info.attributes) columns.push_back(name);
      if (!where.is_fulfilled([&](const std::string& column) { return info.column(column); }))
        ids.insert(sample.id);
    } catch (const BadInput&) {
    }
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  for (const Condition::Wish& wish : where.wishes)
    if (!is_among(wish.column, columns))
      throw UsageError(fmt::format("`where`: no sample of {} has a column `{}`; {}",
                                   dataset.root.string(), wish.column,
                                   did_you_mean(wish.column, columns)));
  return ids;
}

// A label that no sample has is a mistake in the command.
void require_known_labels(const Steps& steps, const Dataset& dataset) {
  for (const StepPtr& step : steps) {
    std::string what;
    for (const FoundSample& sample : dataset.samples) {
      const auto record = readable_record(dataset.root, sample.id);
      if (!record || record->labels.empty()) continue;
      what = unknown_label(*step, record->labels);
      if (what.empty()) break;
    }
    if (!what.empty()) throw UsageError(dataset.root.string() + ": " + what);
  }
}

void require_no_part_of(const fs::path& root, const fs::path& output) {
  std::error_code error;
  const fs::path within =
      fs::weakly_canonical(output, error).lexically_relative(fs::weakly_canonical(root, error));
  if (is_below(within.string()))
    throw UsageError(
        fmt::format("{}: is inside the dataset {}, which would then contain its samples twice; "
                    "give another --output_dir",
                    output.string(), root.string()));
}

// By which a command is told from the same one for other samples. Empty: for all of the dataset.
std::string chosen_by(const MaskChange& change, bool is_in_place) {
  std::string text;
  for (const Condition::Wish& wish : change.where.wishes)
    text += fmt::format("{}: {}\n", wish.column, fmt::join(wish.values, "\n"));
  if (!is_in_place) text += fs::absolute(change.root).lexically_normal().string();
  return text.empty() ? "" : sha256_of(text);
}

}  // namespace

void change_masks(const MaskChange& change, const Context& context, Report& report,
                  const std::function<void(const std::vector<ChangedSample>&)>& end) {
  require_not_around_dataset(change.root, "--root_dir");
  std::error_code error;
  const bool is_in_place = fs::equivalent(change.root, change.output, error);
  if (!is_in_place) require_no_part_of(change.root, change.output);
  const auto open = [&](DatasetUse use) {
    return Dataset::open(change.root, {use, {}, {}}, context.listener);
  };
  // Before a transaction makes folders where there is no dataset.
  Dataset dataset = open(is_in_place ? DatasetUse::unlocked : DatasetUse::finished);
  Transaction output(change.output, context.listener);
  if (is_in_place) dataset = open(DatasetUse::unlocked);  // as it is now that nobody changes it
  const std::vector<FoundSample>& samples = dataset.samples;
  const std::set<std::string> left_out = not_wanted(dataset, change.where);
  if (!change.labels) require_known_labels(change.steps, dataset);
  const LabelGroups groups =
      change.labels ? dataset.recipe.groups_of(*change.labels) : LabelGroups();
  Work work = work_of(change, groups);
  work.is_elsewhere = !is_in_place;
  work.chosen_by = chosen_by(change, is_in_place);
  for (const FoundSample& sample : samples)
    if (!left_out.contains(sample.id) && (is_in_place || has_mask(change.root, sample.files())))
      work.ids.push_back(sample.id);
  output.begin(work);
  Cache cache(change.output);
  output.use(cache);
  const InfoKeys keys = info_keys(dataset.recipe);
  const Changing changing(change, dataset.recipe, groups, output, cache, is_in_place,
                          context.listener);
  auto changed = map_items<ChangedSample>(
      "samples", ids_of(samples), context, report, [&](std::size_t i, ProblemSink& problems) {
        if (left_out.contains(samples[i].id))
          return ChangedSample{samples[i].files(), ChangedSample::State::not_wanted};
        if (!change.where.wishes.empty()) read_info(change.root, samples[i].files(), keys);
        return changing(samples[i], problems);
      });
  output.finish();
  cache.save();
  std::vector<ChangedSample> all;
  for (std::size_t i = 0; i < samples.size(); ++i)
    all.push_back(changed[i] ? std::move(*changed[i]) : ChangedSample{samples[i].files()});
  end(all);
}

}  // namespace nicohort
