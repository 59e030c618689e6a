// All that is known of the samples of an archive beside their images: the metadata, then the
// columns that the recipe derives.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/metadata.hpp"

namespace nicohort {

class SampleColumns {
 public:
  // A derived column whose name the metadata have, too, gets another, which is told. Throws
  // UsageError where the recipe names a column that there is not.
  SampleColumns(Metadata metadata, const Recipe& recipe, Listener& listener);

  const std::vector<std::string>& names() const { return names_; }
  // A derived column is empty, whatever its `otherwise`, where what it is derived from is not
  // known.
  std::vector<Cell> of(const PartValues& sample) const;
  // The sample's parts and columns by their names. It refers to this.
  ValueOf values_of(const PartValues& sample) const;
  // Whether it is not known what the sample has in this column: of the metadata by which it goes a
  // row or column is missing, or a file could not be read.
  bool is_unknown(const PartValues& sample, const std::string& column) const;
  // What is odd about the values that these samples have in columns that the recipe uses.
  void tell_oddities(const std::set<PartValues>& samples, Listener& listener) const;

 private:
  std::string value(const PartValues& sample, const std::vector<Cell>& cells,
                    const std::string& column) const;

  Metadata metadata_;
  const Recipe& recipe_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> places_;  // by name
};

}  // namespace nicohort
