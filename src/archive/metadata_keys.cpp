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
  for (const auto& [row_shown, row] : without_images) {
    const auto lost = unmatched.find(bare(row));
    if (lost == unmatched.end()) {
      report.add(file, ProblemKind::metadata,
                 fmt::format("{} has no images; add them or remove the row", name(row_shown)));
      continue;
    }
    report.add(
        file, ProblemKind::metadata,
        fmt::format("{} matches the images of {} only without leading zeros and spaces; no "
                    "metadata were used for {}: store the column as text in the workbook",
                    name(row_shown), fmt::join(lost->second->shown, ", "), lost->second->patient));
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
