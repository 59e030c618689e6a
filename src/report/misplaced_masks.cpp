#include "report/misplaced_masks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "dataset/layout.hpp"

namespace nicohort {
namespace {

constexpr double highest_in_air = -500;  // HU
constexpr std::size_t least_masks = 8;   // to compare sites by

// What lies within the masks of a site.
struct WithinMasks {
  std::size_t masks = 0;
  double lowest_median = std::numeric_limits<double>::infinity(), highest_median = -lowest_median;
  double lowest_p5 = lowest_median;

  void add(const WithinMasks& other) {
    masks += other.masks;
    lowest_median = std::min(lowest_median, other.lowest_median);
    highest_median = std::max(highest_median, other.highest_median);
    lowest_p5 = std::min(lowest_p5, other.lowest_p5);
  }
};

}  // namespace

std::vector<Problem> find_misplaced_masks(const std::vector<ReportedSample>& samples,
                                          const std::string& unit) {
  std::map<std::string, WithinMasks> sites;
  for (const ReportedSample& sample : samples)
    if (sample.mask && sample.mask->intensity.voxels > 0) {
      const IntensitySummary& s = sample.mask->intensity;
      sites[sample.info.column("site")].add({1, s.median, s.median, s.p5});
    }
  std::vector<Problem> problems;
  for (const auto& [site, here] : sites) {
    WithinMasks elsewhere;
    for (const auto& [other, there] : sites)
      if (other != site) elsewhere.add(there);
    std::string what, remedy;
    if (unit == "HU" && here.highest_median < highest_in_air) {
      what = "those of air";
      remedy = "if these are not masks of the lung, ";
    } else if (unit != "HU" && here.masks >= least_masks && elsewhere.masks >= least_masks &&
               here.highest_median < elsewhere.lowest_p5) {
      what = fmt::format("below those in the masks of all other sites, from {:.4g} up",
                         elsewhere.lowest_p5);
    } else {
      continue;
    }
    problems.push_back(
        {site.empty() ? std::string(dataset_folder) : site, ProblemKind::geometry,
         fmt::format("the values in {} are {} (medians from {:.4g} to {:.4g}{}{}); {}check that "
                     "masks and volumes belong together, and are not shifted or flipped",
                     here.masks == 1 ? "its mask" : fmt::format("all of its {} masks", here.masks),
                     what, here.lowest_median, here.highest_median, unit.empty() ? "" : " ", unit,
                     remedy)});
  }
  return problems;
}

}  // namespace nicohort
