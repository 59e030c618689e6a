#include "run/finish_mask.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/wording.hpp"
#include "image/image_file.hpp"
#include "mask/operations.hpp"
#include "step/examine.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t painted_voxels = 256 * 1024;  // at a time

void add_mask(StagedSample& staged, const std::filesystem::path& file, const Geometry& geometry,
              const LabelMask& mask, const LabelValues& values, Compression compression) {
  ImageWriter writer(staged.add(file.filename().string()), geometry, DataType::uint8, compression);
  LabelPainter painter(mask, values);
  std::vector<std::uint8_t> voxels(std::min(painted_voxels, mask.size().voxels()));
  for (std::int64_t left = mask.size().voxels(); left > 0; left -= voxels.size()) {
    voxels.resize(std::min<std::int64_t>(left, voxels.size()));
    painter.paint(voxels);
    writer.write(std::span<const std::uint8_t>(voxels));
  }
  writer.finish();
}

bool is_of_content(const StepProblem& problem) {
  return problem.kind == ProblemKind::image_content;
}

// Of the channel at whose values steps look.
bool has_flawed_volume(const SampleRecord& record) {
  return std::any_of(record.problems.begin(), record.problems.end(), [&](const Problem& problem) {
    return problem.kind == ProblemKind::image_content && !record.inputs.empty() &&
           problem.subject == record.inputs.front().path;
  });
}

bool is_of_no_label(const StepProblem& problem) {
  return problem.kind == ProblemKind::unmapped_label;
}

bool found_by_step(const SampleRecord& record, bool (*is_it)(const StepProblem&)) {
  return std::any_of(record.steps.begin(), record.steps.end(), [&](const StepRecord& step) {
    const auto& problems = step.findings.problems;
    return std::any_of(problems.begin(), problems.end(), is_it);
  });
}

void add_lost_value(SampleRecord& record, std::uint8_t value, std::int64_t voxels) {
  record.mask_problems.push_back(
      {record.id, ProblemKind::image_content,
       fmt::format("had {} of value {}, which is not in the label map; the steps removed {}: add "
                   "the value to the labels, or correct the mask in the archive",
                   counted(voxels, "voxel"), value, voxels == 1 ? "it" : "them")});
}

bool gave_new_labels(const StepRecord& step) {
  const StepPtr known = make_step(step.work.name);
  return !step.work.is_spared && known && known->gives_new_labels();
}

// Whether the step that took the last voxels of those that there were under the last labels said
// why.
bool is_emptying_told(const SampleRecord& record) {
  std::int64_t left = 0;
  for (const auto& [label, voxels] : record.mask->original) left += voxels;
  const auto last_labels =
      std::find_if(record.steps.rbegin(), record.steps.rend(), gave_new_labels);
  for (auto step = last_labels.base(); step != record.steps.end(); ++step) {
    const auto count = [&](const char* name) {
      const auto known = step->findings.counts.find(name);
      return known == step->findings.counts.end() ? 0 : known->second;
    };
    left += count("filled") - count("removed");
    if (left == 0)
      return std::any_of(step->findings.problems.begin(), step->findings.problems.end(),
                         is_of_content);
  }
  return false;
}

// What the steps left no voxel of: values without a label, and labels, unless the whole mask is
// gone and that was told of its cause.
void find_lost_labels(SampleRecord& record) {
  const auto& left = record.mask->voxels;
  const bool is_told = left.empty() && (has_flawed_volume(record) || is_emptying_told(record));
  for (const auto& [label, voxels] : record.mask->original) {
    const auto name = record.labels.find(label);
    if (std::any_of(left.begin(), left.end(),
                    [original = label](const auto& has) { return has.first == original; }))
      continue;
    if (!record.labels.empty() && name == record.labels.end()) {
      if (!found_by_step(record, is_of_no_label)) add_lost_value(record, label, voxels);
      continue;
    }
    if (is_told) continue;
    record.mask_problems.push_back(
        {record.id, ProblemKind::image_content,
         fmt::format(
             "has no voxels of {} any more: the steps removed all {}; check the mask, and "
             "whether the steps suit it",
             name == record.labels.end() ? fmt::format("the value {}", label) : name->second,
             voxels)});
  }
}

}  // namespace

std::string name_of(Compression compression) {
  switch (compression) {
    case Compression::fast:
      return "fast";
    case Compression::small:
      return "small";
    default:
      return "balanced";
  }
}

void do_steps(const Steps& steps, MaskState& state, Values& values, SampleRecord& record) {
  for (const StepPtr& step : steps) {
    StepFindings findings = apply_steps({step}, state, values).front();
    if (has_flawed_volume(record))  // which explains what a step found in its values
      std::erase_if(findings.problems, is_of_content);
    record.steps.push_back({step->work(), std::move(findings)});
    if (step->gives_new_labels()) record.mask->original = foreground_voxels(state.mask);
  }
  record.labels = state.labels;
  record.groups = state.groups;
  record.mask->voxels = foreground_voxels(state.mask);
  record.mask_problems.clear();
  if (!state.labels.empty())
    for (const std::string& value : unmapped_values(state.mask, state.labels))
      record.mask_problems.push_back(
          {(record.sample_files().mask()).generic_string(), ProblemKind::unmapped_label,
           value + "; they stay in the multi-label mask and are in no binary mask: add the value "
                   "to the labels, or correct the mask in the archive"});
  find_lost_labels(record);
}

void add_masks(StagedSample& staged, const SampleFiles& files, const MaskState& state,
               Compression compression) {
  const auto add = [&](const std::filesystem::path& file, const LabelValues& values) {
    add_mask(staged, file, state.geometry, state.mask, values, compression);
  };
  add(files.mask(), own_values());
  for (const auto& [label, name] : state.labels)
    add(files.binary_mask(label, name), ones_at(label));
  for (const LabelGroup& group : state.groups) {
    const std::array<bool, 256> chosen = group.chosen();
    LabelValues ones{};
    std::copy(chosen.begin(), chosen.end(), ones.begin());
    add(files.group_mask(group.name), ones);
  }
}

}  // namespace nicohort
