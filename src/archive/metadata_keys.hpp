// What tells the rows of a metadata table apart: the keys that samples and rows have.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// What is left of an identifier by a program that takes it for a number or drops blanks: `12` of
// ` 0012`. Two that are the same so far are one patient, if there is no other.
std::string bare_identifier(const std::string& text);

using MetadataKey = std::vector<std::string>;  // a text for each column of the key

// What a key is to the samples that it is of.
struct KeyOfSamples {
  MetadataKey shown;                       // with pseudonyms, if there are any
  std::string patient;                     // presented
  std::vector<const PartValues*> samples;  // that should have a row
};

class MetadataKeys {
 public:
  MetadataKeys(ArchiveNames& names, const Recipe& recipe, const MetadataTable& table)
      : names_(names), recipe_(recipe), table_(table) {}

  // One more sample, which should have a row or is just there. Samples stay where they are.
  void add(const PartValues& sample, bool should_have_row);
  // By their keys, as rows of the file have them once they are compared.
  const std::map<MetadataKey, KeyOfSamples>& of_samples() const { return of_samples_; }

  // A row's key as it may be shown. file: the parts that the file's name has.
  MetadataKey shown(const MetadataKey& row, const PartValues& file);
  // `PID 0012, split verse201`
  std::string name(const MetadataKey& shown) const;

  // Says what does not match between the rows of a file and the samples.
  void report_mismatch(const std::vector<MetadataKey>& rows, const PartValues& values,
                       const std::string& file, Report& report);

 private:
  // Whether nothing fits, which is the fault of the recipe and not of each row and sample.
  // unmatched: keys of samples that have no row.
  bool misses_all(const std::set<MetadataKey>& rows, std::size_t unmatched) const;
  // What to do where keys differ by leading zeros.
  std::string by_number() const;

  ArchiveNames& names_;
  const Recipe& recipe_;
  const MetadataTable& table_;
  std::map<MetadataKey, KeyOfSamples> of_samples_;
};

}  // namespace nicohort
