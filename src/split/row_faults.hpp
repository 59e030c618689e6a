// Rows of a table that cannot be right, as they are told: where they are, and what is wrong.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "table/table.hpp"

namespace nicohort {

class RowFaults {
 public:
  // The table must stay.
  explicit RowFaults(const Table& table) : table_(table) {}

  // what: as it follows `row 3: `. Rows of which the same is said are named together.
  void add(std::size_t row, const std::string& what);
  bool empty() const { return faults_.empty(); }
  // `rows 3, 5 and 7: no pid; row 9: …`, the first ones of many.
  std::string text() const;

 private:
  struct Fault {
    std::string what;
    std::vector<std::string> rows;
  };
  const Table& table_;
  std::vector<Fault> faults_;  // in the order of their first rows
  std::map<std::string, std::size_t> places_;
};

}  // namespace nicohort
