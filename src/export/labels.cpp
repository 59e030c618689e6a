#include "export/labels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "base/near_miss.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr const char* labels_subject = "labels";

std::vector<std::string> names_of(const LabelNames& labels) {
  std::vector<std::string> names;
  for (const auto& [label, name] : labels)
    if (label != 0) names.push_back(name);
  return names;
}

constexpr const char* ignored_name = "ignore";  // by which nnU-Net knows it

void require_distinct_names(const LabelNames& labels, Findings& findings) {
  std::map<std::string, std::string> seen{{"background", "the background"}};
  for (const auto& [label, name] : labels) {
    if (label == 0) continue;
    const auto [other, is_new] = seen.emplace(lower_case(name), "`" + name + "`");
    if (!is_new)
      findings.add(labels_subject, ProblemKind::unmapped_label,
                   fmt::format("the names of `{}` and {} are the same but for case; rename one of "
                               "them in the recipe or the label map",
                               name, other->second));
  }
}

// Who calls a label so need not know what nnU-Net makes of it.
void refuse_ignored_by_name(const LabelNames& labels, const std::optional<std::uint8_t>& ignored,
                            const LabelOptions& options, Findings& findings) {
  const auto named = label_named(labels, ignored_name);
  if (!options.has_ignored_name || !named || named == ignored) return;
  findings.add(labels_subject, ProblemKind::unmapped_label,
               ignored
                   ? fmt::format("another label than `{0}` is called `{1}`, which is what "
                                 "nnU-Net calls the one of --ignore_label; rename it",
                                 options.ignore_label, ignored_name)
                   : fmt::format("nnU-Net does not use voxels of a label `{0}` in training; give "
                                 "--ignore_label {0} if that is meant, else rename it",
                                 ignored_name));
}

// The labels but 0 in their new order: the ignored one is the last.
std::vector<std::uint8_t> in_export_order(const LabelNames& labels,
                                          const std::optional<std::uint8_t>& ignored) {
  std::vector<std::uint8_t> order;
  for (const auto& [label, name] : labels)
    if (label != 0 && label != ignored) order.push_back(label);
  if (ignored) order.push_back(*ignored);
  return order;
}

bool has_any(const LabelRegion& region, std::uint8_t label) {
  return std::find(region.labels.begin(), region.labels.end(), label) != region.labels.end();
}

bool overlap(const LabelGroups& groups) {
  std::array<bool, 256> seen{};
  for (const LabelGroup& group : groups)
    for (const std::uint8_t label : group.labels)
      if (std::exchange(seen[label], true)) return true;
  return false;
}

// What is said of a region by its name must be of this one alone.
void require_distinct_regions(const std::vector<LabelRegion>& regions, Findings& findings) {
  std::set<std::string> seen{"background"};
  for (const LabelRegion& region : regions)
    if (!seen.insert(lower_case(region.name)).second)
      findings.add(region.name, ProblemKind::unmapped_label,
                   "the background, a label or another group has this name as well; rename the "
                   "group in the recipe's `groups`");
}

// Each voxel of a label is painted by the last region that has it. Where that paints another label,
// which is in other regions, there is a region that crosses it: their overlap is missing.
void warn_of_crossing(const std::vector<LabelRegion>& regions, const LabelNames& names,
                      Listener& listener) {
  const std::vector<std::uint8_t> order = region_order(regions);
  std::set<std::string> told;
  for (std::size_t last = 0; last < regions.size(); ++last)
    for (const std::uint8_t label : regions[last].labels) {
      const bool is_repainted =
          std::any_of(regions.begin() + static_cast<std::ptrdiff_t>(last) + 1, regions.end(),
                      [&](const LabelRegion& later) { return has_any(later, label); });
      if (is_repainted || label == order[last] || order[last] == 0) continue;
      for (std::size_t i = 0; i < last; ++i) {
        if (has_any(regions[i], label) == has_any(regions[i], order[last])) continue;
        std::vector<std::string> shared;
        for (const std::uint8_t both : regions[i].labels)
          if (has_any(regions[last], both)) shared.push_back(names.at(both));
        const std::string text = fmt::format(
            "the groups {} and {} overlap, but neither contains the other, so that {} and {} "
            "cannot be told apart in a prediction of nnU-Net; add a group of what they share to "
            "the recipe's `groups`, such as `both: [{}]`",
            regions[i].name, regions[last].name, names.at(label), names.at(order[last]),
            fmt::join(shared, ", "));
        if (told.insert(regions[i].name + "\n" + regions[last].name).second) listener.warning(text);
      }
    }
}

// Labels that are in the same regions are one to who learns the regions.
void warn_of_merged_labels(const std::vector<LabelRegion>& regions, const LabelNames& names,
                           const std::optional<std::uint8_t>& ignored, Listener& listener) {
  std::map<std::vector<bool>, std::vector<std::string>> by_regions;
  for (const auto& [label, name] : names) {
    if (label == 0 || label == ignored) continue;
    std::vector<bool> in_regions;
    for (const LabelRegion& region : regions) in_regions.push_back(has_any(region, label));
    by_regions[in_regions].push_back(name);
  }
  for (const auto& [in_regions, merged] : by_regions)
    if (merged.size() > 1)
      listener.warning(fmt::format(
          "the labels {} are in the same groups, so that a model of these groups cannot tell them "
          "apart; add a group of each to the recipe's `groups` if it should",
          fmt::join(merged, ", ")));
}

}  // namespace

ExportLabels export_labels(const LabelNames& labels, const LabelOptions& options,
                           Findings& findings) {
  ExportLabels exported;
  const std::vector<std::string> names = names_of(labels);
  if (names.empty()) {
    findings.add(labels_subject, ProblemKind::unmapped_label,
                 "the masks' labels have no names; run extract_binary_masks, or run with a recipe "
                 "that has `labels`");
    return exported;
  }
  require_distinct_names(labels, findings);
  std::optional<std::uint8_t> ignored;
  if (!options.ignore_label.empty()) {
    ignored = label_named(labels, options.ignore_label);
    if (!ignored || *ignored == 0) {
      findings.add(labels_subject, ProblemKind::unmapped_label,
                   fmt::format("--ignore_label {}: there is no such label; {}",
                               options.ignore_label, did_you_mean(options.ignore_label, names)));
      return exported;
    }
  }
  refuse_ignored_by_name(labels, ignored, options, findings);
  const std::vector<std::uint8_t> order = in_export_order(labels, ignored);
  NewLabels renumbered{};
  exported.names.emplace(0, "background");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto number = static_cast<std::uint8_t>(i + 1);
    renumbered[order[i]] = number;
    exported.names.emplace(number, order[i] == ignored ? ignored_name : labels.at(order[i]));
  }
  if (ignored) exported.ignored = static_cast<std::uint8_t>(order.size());
  const bool is_changed = std::any_of(
      order.begin(), order.end(), [&](std::uint8_t label) { return renumbered[label] != label; });
  if (!is_changed) return exported;
  if (options.relabel)
    exported.new_labels = renumbered;
  else
    findings.add(
        labels_subject, ProblemKind::unmapped_label,
        fmt::format("{} {}, but have to be 1 to {}{}; --relabel writes masks with new numbers",
                    order.size() == 1 ? "the label is" : "the labels are", fmt::join(order, ", "),
                    order.size(), ignored ? ", with the ignored label as the last" : ""));
  return exported;
}

std::vector<LabelRegion> regions_of(const LabelGroups& groups, const ExportLabels& labels,
                                    Findings& findings) {
  std::vector<LabelRegion> regions;
  Listener& listener = findings.report().listener();
  if (!overlap(groups)) {
    if (!groups.empty())
      listener.summary(
          "The labels are exported, and not their groups: only groups that overlap become "
          "regions.");
    return regions;
  }
  std::array<bool, 256> grouped{};
  for (const LabelGroup& group : groups) {
    LabelRegion region{group.name, {}};
    for (const std::uint8_t label : group.labels) {
      const std::uint8_t number = labels.new_labels ? (*labels.new_labels)[label] : label;
      if (number == labels.ignored)
        findings.add(group.name, ProblemKind::unmapped_label,
                     "this group has the ignored label; leave it out of the recipe's `groups`");
      region.labels.push_back(number);
      grouped[number] = true;
    }
    std::sort(region.labels.begin(), region.labels.end());
    regions.push_back(std::move(region));
  }
  for (const auto& [label, name] : labels.names)
    if (label != 0 && label != labels.ignored && !grouped[label])
      regions.push_back({name, {label}});
  std::stable_sort(regions.begin(), regions.end(), [](const auto& one, const auto& other) {
    return one.labels.size() > other.labels.size();
  });
  const std::vector<std::uint8_t> order = region_order(regions);
  for (std::size_t i = 0; i < regions.size(); ++i)
    if (order[i] == 0)
      findings.add(regions[i].name, ProblemKind::unmapped_label,
                   "each label of this group is in another, smaller group as well, so that the "
                   "group cannot be told from these; change the recipe's `groups`");
  require_distinct_regions(regions, findings);
  warn_of_crossing(regions, labels.names, listener);
  warn_of_merged_labels(regions, labels.names, labels.ignored, listener);
  return regions;
}

std::vector<std::uint8_t> region_order(const std::vector<LabelRegion>& regions) {
  std::vector<std::uint8_t> order;
  for (auto region = regions.begin(); region != regions.end(); ++region) {
    const auto own =
        std::find_if(region->labels.begin(), region->labels.end(), [&](std::uint8_t label) {
          return std::none_of(std::next(region), regions.end(),
                              [&](const LabelRegion& later) { return has_any(later, label); });
        });
    order.push_back(own == region->labels.end() ? 0 : *own);
  }
  return order;
}

}  // namespace nicohort
