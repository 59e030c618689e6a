#include "archive/missing_images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/listener.hpp"

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

}  // namespace

std::string lacking_channels(const std::vector<bool>& has_file, const Channels& channels) {
  std::vector<std::string> lacking;
  for (std::size_t file = 0; file < has_file.size(); ++file)
    if (!has_file[file]) lacking.push_back(channels.text(file));
  if (lacking.empty()) return "";
  return lacking.size() == 1
             ? fmt::format("has no volume of the channel {}; sample left out: add it", lacking[0])
             : fmt::format("has no volumes of the channels {}; sample left out: add them",
                           fmt::join(lacking, ", "));
}

void report_missing_images(const std::vector<ListedImage>& images,
                           const std::set<PartValues>& not_wanted, const Recipe& recipe,
                           const SampleColumns& columns, const std::optional<VolumeChoice>& choice,
                           Report& report) {
  const Samples samples = samples_of(images, recipe);
  for (const auto& [parts, sample] : samples) {
    if (!sample.has_usable) continue;
    const std::string id = recipe.sample_id(parts);
    if (!sample.has_volume()) {
      if (!choice || !choice->has_failed(parts))
        report.add(id, ProblemKind::incomplete,
                   "has a mask but no volume; the mask was kept: add the volume");
      continue;
    }
    if (const std::string lacking = lacking_channels(sample.channels, recipe.channels());
        !lacking.empty())
      report.add(id, ProblemKind::incomplete, lacking);
    const bool should_have_mask = !recipe.is_without_mask(columns.values_of(parts));
    if (!should_have_mask && !sample.usable_masks.empty())
      report.add(id, ProblemKind::layout,
                 fmt::format("should have no mask, as `no_mask` of the recipe says, but has {}{}, "
                             "which was used: remove it, or correct `no_mask` or the metadata",
                             sample.usable_masks.front(),
                             sample.usable_masks.size() == 1
                                 ? ""
                                 : fmt::format(" and {} more", sample.usable_masks.size() - 1)));
    if (!sample.has_mask && should_have_mask)
      report.add(id, ProblemKind::incomplete,
                 "has a volume but no mask; the volume was kept: add the mask");
  }
  report_missing_values(samples, not_wanted, recipe, report);
}

}  // namespace nicohort
