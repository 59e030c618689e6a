#include "archive/metadata_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/wording.hpp"
#include "table/folded.hpp"

namespace nicohort {
namespace {

constexpr const char* leading_zeros = "leading zeros";  // as small_difference() calls them

MetadataKey folded_key(const MetadataKey& key) {
  MetadataKey texts;
  for (const std::string& text : key) texts.push_back(folded(text));
  return texts;
}

// In what two keys differ that are the same once they are folded.
std::string difference_of(const MetadataKey& one, const MetadataKey& other) {
  std::vector<std::string> differences;
  for (std::size_t i = 0; i < one.size(); ++i)
    if (std::string text = small_difference(one[i], other[i]);
        !text.empty() &&
        std::find(differences.begin(), differences.end(), text) == differences.end())
      differences.push_back(std::move(text));
  return fmt::format("{}", fmt::join(differences, " and "));
}

double number_from(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// How far a number can be from this text, which it was rounded to.
double rounding_error(const std::string& rounded) {
  const std::size_t mantissa = rounded.find_first_of("eE");
  const auto known =
      std::count_if(rounded.begin(), rounded.begin() + std::min(mantissa, rounded.size()),
                    [](char c) { return c >= '0' && c <= '9'; });
  return number_from(rounded) * std::pow(10.0, 1 - std::min<int>(int(known), 15));
}

}  // namespace

void MetadataKeys::add(const PartValues& sample, bool should_have_row) {
  KeyOfSamples& key = of_samples_[table_.key_of(names_.original(sample))];
  if (key.shown.empty()) {
    key.shown = shown_of(sample);
    key.patient = recipe_.patient(sample);
  }
  if (!should_have_row) return;
  key.samples.push_back(&sample);
  if (table_.matches_numbers) key.numbers.insert(shown_of(sample));
}

MetadataKey MetadataKeys::shown_of(const PartValues& sample) const {
  MetadataKey texts;
  for (const MetadataTable::Key& column : table_.keys) texts.push_back(column.pattern.fill(sample));
  return texts;
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

MetadataKeys::ByNumber MetadataKeys::by_number(std::size_t column) const {
  ByNumber samples;
  for (const SampleKey& sample : of_samples_) {
    const auto& [key, of] = sample;
    const std::string& digits = key[column];
    if (of.samples.empty() || digits.empty() ||
        digits.find_first_not_of("0123456789") != std::string::npos)
      continue;
    MetadataKey others = key;
    others[column].clear();
    samples[others].emplace(number_from(digits), &sample);
  }
  return samples;
}

std::string MetadataKeys::longer_key() const {
  std::set<std::size_t> known(table_.file.parts().begin(), table_.file.parts().end());
  for (const MetadataTable::Key& key : table_.keys)
    known.insert(key.pattern.parts().begin(), key.pattern.parts().end());
  const auto has_several = [&](std::size_t part) {
    std::set<std::string> values;
    for (const auto& [key, of] : of_samples_)
      for (const PartValues* sample : of.samples) values.insert((*sample)[part]);
    return values.size() > 1;
  };
  std::vector<std::string> columns;
  for (const std::size_t part : recipe_.patient_parts()) {
    if (known.contains(part) || !has_several(part)) continue;
    const std::string& name = recipe_.parts()[part].name;
    columns.push_back(fmt::format("{}: \"{{{}}}\"", name == "site" ? "Centre" : name, name));
  }
  if (columns.empty()) return "";
  for (const MetadataTable::Key& key : table_.keys)
    columns.push_back(fmt::format("{}: \"{}\"", key.column, key.pattern.text()));
  return fmt::format("{{{}}}", fmt::join(columns, ", "));
}

std::string MetadataKeys::find_rounded(const MetadataKey& row, std::size_t column) {
  auto [index, is_new] = not_rounded_.try_emplace(column);
  if (is_new) index->second = by_number(column);
  MetadataKey others = row;
  others[column].clear();
  const auto same = index->second.find(others);
  if (same == index->second.end()) return "";
  auto& samples = same->second;
  const double rounded = number_from(row[column]), error = rounding_error(row[column]);
  auto near = samples.lower_bound(rounded - error);
  while (near != samples.end() && near->first <= rounded + error) {
    const auto& [key, of] = *near->second;
    near = samples.erase(near);
    if (told_.insert(key).second) return of.patient;
  }
  return "";
}

bool MetadataKeys::misses_all(const std::vector<KeyOfRow>& rows, std::size_t unmatched) const {
  if (rows.size() < 2 || unmatched < 2) return false;
  return std::none_of(rows.begin(), rows.end(),
                      [&](const KeyOfRow& row) { return of_samples_.contains(row.key); });
}

std::string MetadataKeys::remedy(const std::string& difference) const {
  if (difference != leading_zeros) return "write it in the table as the images have it";
  constexpr const char* as_text = "store the column as text in the table";
  return table_.matches_numbers
             ? as_text
             : fmt::format("{}, or write `match: number` in the recipe's table", as_text);
}

void MetadataKeys::report_none(const std::vector<KeyOfRow>& rows, const Samples& unmatched,
                               const PartValues& values, const std::string& file, Report& report) {
  const KeyOfRow* row = &rows.front();
  const SampleKey* sample = unmatched.begin()->second;
  for (const KeyOfRow& other : rows)
    if (const auto near = unmatched.find(folded_key(other.key)); near != unmatched.end()) {
      row = &other;
      sample = near->second;
      break;
    }
  const std::string difference = difference_of(row->key, sample->first);
  report.add(
      file, ProblemKind::metadata,
      fmt::format(
          "none of its {} matches an image: it has {}{}, and the images {}{}; {}",
          counted(rows.size(), "row"), name(shown(row->key, values)),
          row->place.empty() ? "" : " in " + row->place, fmt::join(sample->second.shown, ", "),
          difference.empty() ? "" : ", which differs only by " + difference,
          difference.empty() ? "correct the `key` of the recipe's table" : remedy(difference)));
}

void MetadataKeys::report_shared(const std::vector<KeyOfRow>& rows, const std::string& file,
                                 Report& report) const {
  for (const KeyOfRow& row : rows) {
    const auto of = of_samples_.find(row.key);
    if (of == of_samples_.end() || of->second.numbers.size() < 2) continue;
    std::vector<std::string> names;
    for (const MetadataKey& number : of->second.numbers) names.push_back(name(number));
    report.add(file, ProblemKind::metadata,
               fmt::format("{}matches {}, which are the same number, and all got its values: give "
                           "the images the same identifier if they are of one patient, otherwise "
                           "write the identifiers in the table as the images have them and "
                           "remove `match: number` from the recipe's table",
                           row.place.empty() ? "" : row.place + ": ", fmt::join(names, " and ")));
  }
}

void MetadataKeys::report_mismatch(const std::vector<KeyOfRow>& rows, const PartValues& values,
                                   const std::string& file, Report& report) {
  std::set<MetadataKey> there;
  std::multimap<MetadataKey, const KeyOfRow*> near_rows;       // by folded keys
  std::multimap<MetadataKey, const KeyOfRow*> without_images;  // by what is shown: the order
  for (const KeyOfRow& row : rows) {
    there.insert(row.key);
    near_rows.emplace(folded_key(row.key), &row);
    if (!of_samples_.contains(row.key)) without_images.emplace(shown(row.key, values), &row);
  }
  Samples near_samples, unmatched;
  for (const SampleKey& sample : of_samples_) {
    const auto& [key, of] = sample;
    near_samples.emplace(folded_key(key), &sample);
    if (!of.samples.empty() && !there.contains(key) && !told_.contains(key))
      unmatched.emplace(folded_key(key), &sample);
  }
  report_shared(rows, file, report);
  if (misses_all(rows, unmatched.size())) return report_none(rows, unmatched, values, file, report);
  const auto add = [&](const KeyOfRow& row, const std::string& what) {
    report.add(file, ProblemKind::metadata, row.place.empty() ? what : row.place + ": " + what);
  };
  for (const auto& [row_shown, row] : without_images) {
    const auto lost = unmatched.find(folded_key(row->key));
    const auto near = near_samples.find(folded_key(row->key));
    if (lost != unmatched.end()) {
      const auto& [key, of] = *lost->second;
      const std::string difference = difference_of(row->key, key);
      add(*row, fmt::format("{} differs from {}, which has images, only by {}; no metadata were "
                            "used for {}: {}",
                            name(row_shown), fmt::join(of.shown, ", "), difference, of.patient,
                            remedy(difference)));
      unmatched.erase(lost);
    } else if (near != near_samples.end()) {
      const auto& [key, of] = *near->second;
      add(*row,
          fmt::format("{} has no images, but {}, which has, differs from it only by {}; "
                      "correct the row if it is of the same patient",
                      name(row_shown), fmt::join(of.shown, ", "), difference_of(row->key, key)));
    } else {
      add(*row, fmt::format("{} has no images; add them or remove the row", name(row_shown)));
    }
  }
  if (table_.rows) return;                              // it need not name every sample
  std::map<MetadataKey, const SampleKey*> without_row;  // by what is shown
  for (const auto& [text, sample] : unmatched) without_row.emplace(sample->second.shown, sample);
  for (const auto& [key_shown, sample] : without_row) {
    const auto near = near_rows.find(folded_key(sample->first));
    const std::string what =
        near == near_rows.end()
            ? fmt::format("add {} to {}", name(key_shown), file)
            : fmt::format(
                  "{} has {}, which differs from {} only by {}: give the images the same "
                  "identifier if they are of one patient, or add the row",
                  near->second->place.empty() ? file : near->second->place + " in " + file,
                  name(shown(near->second->key, values)), fmt::join(key_shown, ", "),
                  difference_of(near->second->key, sample->first));
    report.add(sample->second.patient, ProblemKind::metadata,
               fmt::format("has images but no metadata; {}", what));
  }
}

}  // namespace nicohort
