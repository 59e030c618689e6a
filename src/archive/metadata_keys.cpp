#include "archive/metadata_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace nicohort {
namespace {

MetadataKey bare(const MetadataKey& key) {
  MetadataKey texts;
  for (const std::string& text : key) texts.push_back(bare_identifier(text));
  return texts;
}

}  // namespace

std::string bare_identifier(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r0"),
                    last = text.find_last_not_of(" \t\n\r");
  return first == std::string::npos ? "" : text.substr(first, last + 1 - first);
}

void MetadataKeys::add(const PartValues& sample, bool should_have_row) {
  KeyOfSamples& key = of_samples_[table_.key_of(names_.original(sample))];
  if (key.shown.empty()) {
    for (const MetadataTable::Key& column : table_.keys)
      key.shown.push_back(column.pattern.fill(sample));
    key.patient = recipe_.patient(sample);
  }
  if (should_have_row) key.samples.push_back(&sample);
}

MetadataKey MetadataKeys::shown(const MetadataKey& row, const PartValues& file) {
  if (const auto known = of_samples_.find(row); known != of_samples_.end())
    return known->second.shown;
  if (!names_.has_pseudonyms()) return row;
  // Of nobody's images: whatever may be an identifier gets a pseudonym.
  const auto pid = recipe_.part_index("pid"), site = recipe_.part_index("site");
  MetadataKey texts = row;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& parts = table_.keys[i].pattern.parts();
    const bool has_pid = pid && std::find(parts.begin(), parts.end(), *pid) != parts.end();
    if (has_pid && !texts[i].empty())
      texts[i] = names_.present_pid(site ? file[*site] : "", texts[i]);
  }
  return texts;
}

std::string MetadataKeys::name(const MetadataKey& shown) const {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < shown.size(); ++i)
    pieces.push_back(table_.keys[i].column + " " + shown[i]);
  return fmt::format("{}", fmt::join(pieces, ", "));
}

bool MetadataKeys::misses_all(const std::set<MetadataKey>& rows, std::size_t unmatched) const {
  if (rows.size() < 2 || unmatched < 2) return false;
  return std::none_of(rows.begin(), rows.end(),
                      [&](const MetadataKey& row) { return of_samples_.contains(row); });
}

std::string MetadataKeys::by_number() const {
  constexpr const char* as_text = "store the column as text in the table";
  return table_.matches_numbers
             ? as_text
             : fmt::format("{}, or write `match: number` in the recipe's table", as_text);
}

void MetadataKeys::report_mismatch(const std::vector<MetadataKey>& rows, const PartValues& values,
                                   const std::string& file, Report& report) {
  const std::set<MetadataKey> there(rows.begin(), rows.end());
  // By their text without leading zeros: those that no row has.
  std::multimap<MetadataKey, const KeyOfSamples*> unmatched;
  for (const auto& [key, of] : of_samples_)
    if (!of.samples.empty() && !there.contains(key)) unmatched.emplace(bare(key), &of);
  std::multimap<MetadataKey, MetadataKey>
      without_images;  // by what is shown, which gives the order
  for (const MetadataKey& row : there)
    if (!of_samples_.contains(row)) without_images.emplace(shown(row, values), row);
  if (misses_all(there, unmatched.size())) {
    const KeyOfSamples& sample = *unmatched.begin()->second;
    const bool by_zeros = std::any_of(there.begin(), there.end(), [&](const MetadataKey& row) {
      return unmatched.contains(bare(row));
    });
    report.add(file, ProblemKind::metadata,
               fmt::format("none of its {} matches an image: it has {}, and the images {}; {}",
                           counted(there.size(), "row"), name(without_images.begin()->first),
                           fmt::join(sample.shown, ", "),
                           by_zeros ? by_number() : "correct the `key` of the recipe's table"));
    return;
  }
  for (const auto& [row_shown, row] : without_images) {
    const auto lost = unmatched.find(bare(row));
    if (lost == unmatched.end()) {
      report.add(file, ProblemKind::metadata,
                 fmt::format("{} has no images; add them or remove the row", name(row_shown)));
      continue;
    }
    report.add(file, ProblemKind::metadata,
               fmt::format("{} matches the images of {} only without leading zeros and spaces; no "
                           "metadata were used for {}: {}",
                           name(row_shown), fmt::join(lost->second->shown, ", "),
                           lost->second->patient, by_number()));
    unmatched.erase(lost);
  }
  if (table_.rows) return;                                 // it need not name every sample
  std::map<MetadataKey, const KeyOfSamples*> without_row;  // by what is shown
  for (const auto& [text, of] : unmatched) without_row.emplace(of->shown, of);
  for (const auto& [key_shown, of] : without_row)
    report.add(of->patient, ProblemKind::metadata,
               fmt::format("has images but no metadata; add {} to {}", name(key_shown), file));
}

}  // namespace nicohort
