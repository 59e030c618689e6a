#include "report/outliers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/median.hpp"
#include "dataset/manifest.hpp"

namespace nicohort {
namespace {

constexpr double largest_score = 3.5, sd_per_mad = 1.4826;
constexpr std::size_t smallest_group = 8;
constexpr double spacing_floor = 0.03, volume_floor = 0.1;
constexpr double hu_floor = 5, intensity_floor = 0.05;
constexpr double large_growth = 10;
// Along the axes of the body.
constexpr std::array directions{"left–right", "posterior–anterior", "inferior–superior"};

struct Member {
  const ReportedSample* sample;
  double value;
};
using Groups = std::map<std::string, std::vector<Member>>;

// Calls tell(member, group's name, median) for the outliers of each group. floor(median) is the
// least that a MAD counts.
template <class Floor, class Tell>
void for_each_outlier(const Groups& groups, Floor&& floor, Tell&& tell) {
  for (const auto& [name, members] : groups) {
    if (members.size() < smallest_group) continue;
    std::vector<double> values, distances;
    for (const Member& member : members) values.push_back(member.value);
    const double median = median_of(values);
    for (double value : values) distances.push_back(std::abs(value - median));
    const double scale = sd_per_mad * std::max(median_of(distances), floor(median));
    for (const Member& member : members)
      if (std::abs(member.value - median) > largest_score * scale) tell(member, name, median);
  }
}

double volume_of(const ReportedSample& sample) {
  return sample.voxels() * sample.voxel_volume();
}

// A column by whose values samples are compared.
class Grouping {
 public:
  Grouping(const std::string& column, const std::vector<ReportedSample>& samples)
      : column_(column) {
    for (const ReportedSample& sample : samples)
      if (!of(sample).empty()) is_there_ = true;
  }
  std::string of(const ReportedSample& sample) const { return sample.info.column(column_); }
  // In a sentence, `what` before the value.
  std::string name(const std::string& value, const std::string& what = "") const {
    if (!is_there_) return "all samples";
    return value.empty() ? "those without a " + column_ : what + value;
  }

 private:
  std::string column_;
  bool is_there_ = false;
};

std::string cm3(double mm3) {
  return fmt::format("{:.3g} cm³", mm3 / 1000);
}

class Finder {
 public:
  Finder(const std::vector<ReportedSample>& samples, const std::vector<std::string>& phases,
         const std::string& unit)
      : samples_(samples),
        phases_(phases),
        unit_(unit),
        site_("site", samples),
        phase_("phase", samples) {}

  std::vector<Outlier> find() {
    find_spacings();
    find_volumes();
    find_intensities();
    find_growth();
    find_empty();
    std::stable_sort(found_.begin(), found_.end(),
                     [](const auto& a, const auto& b) { return a.sample < b.sample; });
    return std::move(found_);
  }

 private:
  void add(const ReportedSample& sample, const std::string& kind, const std::string& what) {
    found_.push_back({sample.info.id, kind, what});
  }

  // All axes in one line.
  void find_spacings() {
    std::map<const ReportedSample*, std::vector<std::string>> axes;
    for (int axis = 0; axis < 3; ++axis) {
      Groups sites;
      for (const auto& sample : samples_)
        if (sample.is_written)
          sites[site_.of(sample)].push_back(
              {&sample,
               written_spacing(sample.geometry, voxel_axes(sample.geometry.affine)[axis])});
      for_each_outlier(
          sites, [](double median) { return spacing_floor * median; },
          [&](const Member& member, const std::string& site, double median) {
            axes[member.sample].push_back(
                fmt::format("{:.4g} mm along {} (median of {}: {:.4g} mm)", member.value,
                            directions[axis], site_.name(site), median));
          });
    }
    for (const auto& [sample, parts] : axes)
      add(*sample, "spacing", fmt::format("The spacing is {}.", fmt::join(parts, ", ")));
  }

  void find_volumes() {
    Groups groups;
    for (const auto& sample : samples_)
      if (sample.mask && sample.voxels() > 0)
        groups[phase_.of(sample)].push_back({&sample, std::log10(volume_of(sample))});
    for_each_outlier(
        groups, [](double) { return volume_floor; },
        [&](const Member& member, const std::string& phase, double median) {
          add(*member.sample, "volume",
              fmt::format("The mask has {}; the median of {} is {}.",
                          cm3(volume_of(*member.sample)), phase_.name(phase, "phase "),
                          cm3(std::pow(10, median))));
        });
  }

  void find_intensities() {
    Groups sites;
    for (const auto& sample : samples_)
      if (sample.mask && sample.mask->intensity.voxels > 0)
        sites[site_.of(sample)].push_back({&sample, sample.mask->intensity.mean});
    for_each_outlier(
        sites,
        [&](double median) {
          return unit_ == "HU" ? hu_floor : intensity_floor * std::abs(median);
        },
        [&](const Member& member, const std::string& site, double median) {
          add(*member.sample, "intensity",
              fmt::format("The mean within the mask as drawn is {}; the median of {} is {}.",
                          with_unit(member.value), site_.name(site), with_unit(median)));
        });
  }

  std::string with_unit(double value) const {
    if (unit_ == "HU") return fmt::format("{:.0f} HU", value);
    const std::string number =
        std::abs(value) < 100 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
    return unit_.empty() ? number : number + " " + unit_;
  }

  void find_growth() {
    std::map<std::string, std::map<std::string, std::vector<const ReportedSample*>>> patients;
    for (const auto& sample : samples_)
      if (sample.mask && !sample.patient.empty())
        patients[sample.patient][phase_.of(sample)].push_back(&sample);
    for (const auto& [patient, by_phase] : patients)
      for (std::size_t i = 1; i < phases_.size(); ++i) {
        const auto before = by_phase.find(phases_[i - 1]), after = by_phase.find(phases_[i]);
        if (before != by_phase.end() && after != by_phase.end() && before->second.size() == 1 &&
            after->second.size() == 1)
          compare(*before->second.front(), *after->second.front(), phases_[i - 1]);
      }
  }

  void compare(const ReportedSample& before, const ReportedSample& after,
               const std::string& phase_before) {
    if (before.voxels() == 0) return;  // find_empty tells it
    const double ratio = volume_of(after) / volume_of(before);
    if (ratio >= large_growth)
      add(after, "growth",
          fmt::format("The mask is {:.0f} times as large as in phase {}: {} after {}.", ratio,
                      phase_before, cm3(volume_of(after)), cm3(volume_of(before))));
  }

  void find_empty() {
    for (const auto& sample : samples_) {
      if (!sample.mask || sample.voxels() > 0) continue;
      const IntensitySummary& drawn = sample.mask->intensity;
      add(sample, "empty",
          drawn.voxels + drawn.not_finite == 0 ? "The mask has no voxel."
                                               : "Cleaning left no voxel of the mask.");
    }
  }

  const std::vector<ReportedSample>& samples_;
  const std::vector<std::string>& phases_;
  const std::string& unit_;
  const Grouping site_, phase_;
  std::vector<Outlier> found_;
};

}  // namespace

std::vector<Outlier> find_outliers(const std::vector<ReportedSample>& samples,
                                   const std::vector<std::string>& phases,
                                   const std::string& unit) {
  return Finder(samples, phases, unit).find();
}

}  // namespace nicohort
