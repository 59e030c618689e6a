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

using MetadataKey = std::vector<std::string>;  // a text for each column of the key

// What a key is to the samples that it is of.
struct KeyOfSamples {
  MetadataKey shown;                       // with pseudonyms, if there are any
  std::set<MetadataKey> numbers;           // of the samples, with `match: number`
  std::string patient;                     // presented
  std::vector<const PartValues*> samples;  // that should have a row
};

// A row of a file that has a key.
struct KeyOfRow {
  MetadataKey key;
  std::string place;  // `row 3 of the worksheet Data`; empty: the file has no rows to count
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

  // A longer `key` for the recipe's table, by which rows of the same identifier can be of different
  // patients, such as `{Centre: "{site}", PID: "{pid}"}`; empty: the samples do not differ in more.
  std::string longer_key() const;

  // Whether a row is probably of samples whose identifier was rounded in this column of the key
  // (`4.2E+17`): gives their patient, who is not missed any more; else empty.
  std::string find_rounded(const MetadataKey& row, std::size_t column);

  // Says what does not match between the rows of a file, each of another key, and the samples.
  void report_mismatch(const std::vector<KeyOfRow>& rows, const PartValues& values,
                       const std::string& file, Report& report);

 private:
  MetadataKey shown_of(const PartValues& sample) const;
  using SampleKey = std::map<MetadataKey, KeyOfSamples>::value_type;
  using Samples = std::multimap<MetadataKey, const SampleKey*>;  // by folded keys
  // By the number that is one column of the key, under the others.
  using ByNumber = std::map<MetadataKey, std::multimap<double, const SampleKey*>>;

  ByNumber by_number(std::size_t column) const;

  // Whether nothing fits, which is the fault of the recipe and not of each row and sample.
  // unmatched: keys of samples that have no row.
  bool misses_all(const std::vector<KeyOfRow>& rows, std::size_t unmatched) const;
  void report_none(const std::vector<KeyOfRow>& rows, const Samples& unmatched,
                   const PartValues& values, const std::string& file, Report& report);
  // Numbers that several identifiers are, whose row is then of several patients.
  void report_shared(const std::vector<KeyOfRow>& rows, const std::string& file,
                     Report& report) const;
  // What to do where keys differ in this.
  std::string remedy(const std::string& difference) const;

  ArchiveNames& names_;
  const Recipe& recipe_;
  const MetadataTable& table_;
  std::map<MetadataKey, KeyOfSamples> of_samples_;
  std::set<MetadataKey> told_;                   // what find_rounded() has found
  std::map<std::size_t, ByNumber> not_rounded_;  // what it has not, by the column; made when needed
};

}  // namespace nicohort
