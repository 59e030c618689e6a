// The rows of a file of metadata: the keys that they have, and what is wrong with those that cannot
// be used.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/metadata_file.hpp"
#include "archive/metadata_keys.hpp"

namespace nicohort {

class MetadataRows {
 public:
  // keys: the places of the table's keys in the file. All stay where they are.
  MetadataRows(const MetadataTable& table, const MetadataFile& file,
               const std::vector<std::size_t>& keys)
      : table_(table), file_(file), keys_(keys) {}

  // What a row has in the columns of the key, as it is compared. Nothing where it lacks some, or
  // has a number that lost digits: it is faulty.
  std::optional<MetadataKey> key_of(std::size_t row, MetadataKeys& known);
  // The row has the key of an earlier one, whose name this is, and is faulty.
  void add_repeated(const std::string& name, std::size_t first, std::size_t row);

  // `row 3 of the worksheet Data`; empty where rows have no numbers.
  std::string place_of(std::size_t row) const;
  // What is wrong with the faulty rows, a text for each fault, however many rows have it.
  // is_secret: identifiers must not be shown. longer_key: as MetadataKeys gives it.
  std::vector<std::string> faults(bool is_secret, const std::string& longer_key) const;

 private:
  struct Repeated {
    std::string name;
    std::vector<std::size_t> rows;
    std::string list, used;  // of `rows`, where the row is in another than the one used
  };

  std::optional<std::size_t> lacking_column(const MetadataKey& key) const;
  std::optional<std::size_t> rounded_column(std::size_t row, const MetadataKey& key,
                                            const MetadataKeys& known) const;
  std::string list_of(std::size_t row) const;
  std::string places_of(const std::vector<std::size_t>& rows) const;

  const MetadataTable& table_;
  const MetadataFile& file_;
  const std::vector<std::size_t>& keys_;
  std::map<std::size_t, std::vector<std::size_t>> lacking_, rounded_;  // by the column of the key
  std::vector<std::string> patients_of_rounded_;
  std::vector<Repeated> repeated_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_repeated_;  // by name and list
};

}  // namespace nicohort
