#include "propose/proposal_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/wording.hpp"
#include "propose/image_classes.hpp"

namespace nicohort {
namespace {

bool is_in_sorted(const std::string& path, const std::vector<std::string>& paths) {
  return std::binary_search(paths.begin(), paths.end(), path);
}

std::string examples(const std::vector<std::string>& texts) {
  const std::size_t count = std::min<std::size_t>(texts.size(), 3);
  return fmt::format("{}{}", fmt::join(texts.begin(), texts.begin() + count, ", "),
                     texts.size() > count ? " ..." : "");
}

}  // namespace

UnusedMasks unused_masks(const ArchiveFiles& files, const Matches& matches) {
  Draft nothing;
  UnusedMasks unused;
  for (const std::string& path : classes_of(files, nothing).masks)
    if (is_in_sorted(path, matches.misfits))
      unused.misfits.push_back(path);
    else if (is_in_sorted(path, matches.masks) && !is_in_sorted(path, matches.masks_of_volumes))
      unused.others.push_back(path);
  return unused;
}

void describe_samples(const Recipe& recipe, const Matches& matches, const UnusedMasks& unused,
                      Draft& draft) {
  std::vector<std::string> without_mask, without_volume, doubled;
  for (const auto& sample : matches.samples) {
    const PartValues& values = sample.first;
    const std::vector<ImageKey>& keys = sample.second;
    const std::string id = recipe.sample_id(values);
    const auto value_of = [&](const std::string& part) {
      const auto index = recipe.part_index(part);
      return index ? values[*index] : std::string();
    };
    if (!has(keys, false)) without_volume.push_back(id);
    if (!has(keys, true) && !recipe.is_without_mask(value_of)) without_mask.push_back(id);
    if (has_twice(keys)) doubled.push_back(id);
  }
  const auto tell = [&](const std::vector<std::string>& ids, const std::string& what,
                        const std::string& remedy) {
    if (!ids.empty())
      draft.comments.push_back(
          fmt::format("{} {} ({}){}", counted(ids.size(), "sample"), what, examples(ids), remedy));
  };
  tell(without_mask, "without a mask", "; if that is right, name them in `no_mask`");
  tell(without_volume, "without a volume", "");
  tell(doubled, "with several volumes or masks",
       "; see `choose`, or give the pattern another part");
  if (!matches.misfits.empty())
    draft.comments.push_back(fmt::format(
        "{} matched by no pattern, such as {}{}", counted(matches.misfits.size(), "image file"),
        (unused.misfits.empty() ? matches.misfits : unused.misfits).front(),
        unused.misfits.empty() ? ""
                               : fmt::format("; {} of them called a mask", unused.misfits.size())));
}

std::vector<Problem> faults_of(const Recipe& recipe, const Matches& matches,
                               const UnusedMasks& unused) {
  std::vector<Problem> faults;
  const std::size_t files = recipe.images().channels().files();
  const auto is_usable = [&](const auto& sample) {
    const auto masks = std::count_if(sample.second.begin(), sample.second.end(),
                                     [](const ImageKey& key) { return key.is_mask; });
    return sample.second.size() == files + masks && !has_twice(sample.second);
  };
  if (std::none_of(matches.samples.begin(), matches.samples.end(), is_usable))
    faults.push_back({matches.volumes.front(), ProblemKind::layout,
                      "is a volume of no sample that could be used, and so are all others: no "
                      "sample has each of its volumes exactly once; change the patterns or parts"});
  const std::size_t used = matches.masks_of_volumes.size(),
                    count = unused.misfits.size() + unused.others.size();
  if (count == 0) return faults;
  const std::string& first = (unused.misfits.empty() ? unused.others : unused.misfits).front();
  const bool are_misfits = unused.others.empty();
  const std::string what =
      count == 1 ? fmt::format("is called a mask and {}",
                               are_misfits ? "matches no pattern" : "has no volume")
                 : fmt::format("is one of {} images that are called masks and {}", count,
                               are_misfits ? "match no pattern" : "have no volume");
  if (used == 0)
    faults.push_back({first, ProblemKind::layout,
                      what + "; no volume has a mask by these patterns: change them"});
  else if (count > 1 && count * 10 > used + count)
    faults.push_back(
        {first, ProblemKind::layout,
         what + ". The archive probably has more than one layout: write patterns with optional "
                "pieces, such as \"{site}/[images/BE-]{pid}[/ct][_CT].nii.gz\" and "
                "\"{site}/[labels/BE-]{pid}[/seg][_label].nii.gz\", or make a recipe and a dataset "
                "for each layout, which `nicohort recipe` proposes for its folder"});
  return faults;
}

}  // namespace nicohort
