#include "archive/missing_images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/listener.hpp"
#include "table/folded.hpp"

namespace nicohort {
namespace {

// The files of a sample, whether they can be used or not.
struct SampleImages {
  std::vector<bool> channels;             // that have a file
  std::vector<std::string> usable_masks;  // their files
  bool has_mask = false, has_usable = false;
  bool has_volume() const {
    return std::find(channels.begin(), channels.end(), true) != channels.end();
  }
};
using Samples = std::map<PartValues, SampleImages>;

Samples samples_of(const std::vector<ListedImage>& images, const Recipe& recipe) {
  Samples samples;
  for (const auto& [path, key, is_usable] : images) {
    SampleImages& sample = samples[key.parts];
    sample.channels.resize(recipe.channels().files());
    sample.has_usable |= is_usable;
    if (key.is_mask && is_usable) sample.usable_masks.push_back(path);
    if (key.is_mask)
      sample.has_mask = true;
    else
      sample.channels[key.channel] = true;
  }
  return samples;
}

// Another name that is nearly the same, and for which this is true; empty if there is none.
std::string near_name(const std::string& name,
                      const std::multimap<std::string, std::string>& by_folded,
                      const std::function<bool(const std::string&)>& is_wanted) {
  const auto [first, last] = by_folded.equal_range(folded(name));
  for (auto other = first; other != last; ++other)
    if (other->second != name && is_wanted(other->second)) return other->second;
  return "";
}

void report_missing_values(const Samples& samples, const std::set<PartValues>& not_wanted,
                           const Recipe& recipe, Report& report) {
  std::map<std::pair<std::string, std::size_t>, std::set<std::string>>
      values;  // of a patient's part
  for (const auto& [parts, sample] : samples)
    if (sample.has_usable)
      for (std::size_t part : recipe.complete()) values[{recipe.patient(parts), part}];
  const auto add = [&](const PartValues& sample) {
    for (std::size_t part : recipe.complete())
      if (const auto of = values.find({recipe.patient(sample), part}); of != values.end())
        of->second.insert(sample[part]);
  };
  for (const auto& [parts, sample] : samples) add(parts);
  for (const PartValues& sample : not_wanted) add(sample);
  std::multimap<std::string, std::string> near;  // patients by their folded names
  for (const auto& [of, known] : values)
    if (of.second == recipe.complete().front()) near.emplace(folded(of.first), of.first);
  std::set<std::pair<std::string, std::string>> told;  // of the two that they may be one
  for (const auto& [of, known] : values) {
    const auto& [patient, index] = of;
    const Part& part = recipe.parts()[index];
    for (const std::string& value : part.short_forms()) {
      if (known.contains(value)) continue;
      const std::string other =
          near_name(patient, near, [&, part_index = index](const std::string& candidate) {
            return values.at({candidate, part_index}).contains(value);
          });
      if (other.empty())
        report.add(patient, ProblemKind::incomplete,
                   fmt::format("has no images of {} `{}`; its other images were kept: add them if "
                               "there are any",
                               part.name, value));
      else if (told.insert(std::minmax(patient, other)).second)
        report.add(patient, ProblemKind::incomplete,
                   fmt::format("has no images of {} `{}`, but {} has, whose name differs only by "
                               "{}; if they are one patient, give the images one identifier",
                               part.name, value, other, small_difference(patient, other)));
    }
  }
}

// Samples with a mask alone, each with one of nearly the same name that has a volume alone.
std::map<std::string, std::string> masks_of_other_names(const Samples& samples,
                                                        const Recipe& recipe,
                                                        const SampleColumns& columns) {
  std::multimap<std::string, std::string> without_mask;  // by their folded names
  for (const auto& [parts, sample] : samples)
    if (sample.has_usable && !sample.has_mask && !recipe.is_without_mask(columns.values_of(parts)))
      without_mask.emplace(folded(recipe.sample_id(parts)), recipe.sample_id(parts));
  std::map<std::string, std::string> pairs;
  std::set<std::string> taken;
  for (const auto& [parts, sample] : samples) {
    if (!sample.has_usable || sample.has_volume() || without_mask.empty()) continue;
    const std::string id = recipe.sample_id(parts);
    const std::string other =
        near_name(id, without_mask, [&](const std::string& name) { return !taken.contains(name); });
    if (other.empty()) continue;
    taken.insert(other);
    pairs.emplace(id, other);
  }
  return pairs;
}

}  // namespace

std::string lacking_channels(const std::vector<bool>& has_file, const Channels& channels) {
  std::vector<std::string> lacking;
  for (std::size_t file = 0; file < has_file.size(); ++file)
    if (!has_file[file]) lacking.push_back(channels.text(file));
  if (lacking.empty()) return "";
  return lacking.size() == 1
             ? fmt::format("has no volume of the channel {}: add it", lacking[0])
             : fmt::format("has no volumes of the channels {}: add them", fmt::join(lacking, ", "));
}

void report_missing_images(const std::vector<ListedImage>& images,
                           const std::set<PartValues>& not_wanted, const Recipe& recipe,
                           const SampleColumns& columns, const std::optional<VolumeChoice>& choice,
                           Report& report, const SampleOutcome& outcome) {
  const Samples samples = samples_of(images, recipe);
  const auto misspelt = masks_of_other_names(samples, recipe, columns);
  std::set<std::string> told;  // samples without a mask
  for (const auto& [mask, volume] : misspelt) told.insert(volume);
  for (const auto& [parts, sample] : samples) {
    if (!sample.has_usable) continue;
    const std::string id = recipe.sample_id(parts);
    if (!sample.has_volume()) {
      const auto other = misspelt.find(id);
      if (other != misspelt.end())
        report.add(id, ProblemKind::incomplete,
                   fmt::format("has a mask but no volume, and {} a volume but no mask, and their "
                               "names differ only by {}; if they are one sample, give the images "
                               "one identifier",
                               other->second, small_difference(id, other->second)));
      else if (!choice || !choice->has_failed(parts))
        report.add(id, ProblemKind::incomplete,
                   "has a mask but no volume: add the volume" + outcome(parts, Lacking::volume));
      continue;
    }
    if (const std::string lacking = lacking_channels(sample.channels, recipe.channels());
        !lacking.empty())
      report.add(id, ProblemKind::incomplete, lacking + outcome(parts, Lacking::volume));
    const bool should_have_mask = !recipe.is_without_mask(columns.values_of(parts));
    if (!should_have_mask && !sample.usable_masks.empty())
      report.add(id, ProblemKind::layout,
                 fmt::format("should have no mask, as `no_mask` of the recipe says, but has {}{}, "
                             "which was used: remove it, or correct `no_mask` or the metadata",
                             sample.usable_masks.front(),
                             sample.usable_masks.size() == 1
                                 ? ""
                                 : fmt::format(" and {} more", sample.usable_masks.size() - 1)));
    if (!sample.has_mask && should_have_mask && !told.contains(id))
      report.add(id, ProblemKind::incomplete,
                 "has a volume but no mask; the volume was kept: add the mask");
  }
  report_missing_values(samples, not_wanted, recipe, report);
}

}  // namespace nicohort
