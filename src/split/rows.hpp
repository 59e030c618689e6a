// The rows of a manifest as splits see them: whose each is, and whether it can be believed.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dataset/record.hpp"
#include "recipe/recipe.hpp"
#include "recipe/split_rule.hpp"
#include "split/row_faults.hpp"
#include "table/table.hpp"

namespace nicohort {

struct SplitRow {
  std::string id, patient;
  std::vector<std::string> patient_values;  // by which patients are sorted
  bool has_mask = true;                     // unless the manifest says that there is none
  bool has_foreground = false;        // there is a mask, and as far as is known it is not empty
  std::optional<double> volume = {};  // of the labels but 0, mm³; if a record knows it
};

// What a record says of its sample's mask goes before what the manifest says, where that names one.
void take_from_record(SplitRow& row, const SampleRecord& record);

class SplitManifest {
 public:
  // file: its name in messages. prefix: before names of parameters there, as for settle(). Throws
  // UsageError for a manifest without the columns of the recipe's parts, and one with rows that
  // cannot be right: no patient, an ID that is not that of the parts, or is there twice, files of
  // another sample. The worksheet of a split is read as a manifest is. The table and the recipe
  // must stay.
  SplitManifest(const std::string& file, const Table& table, const Recipe& recipe,
                std::string prefix);

  // Throws UsageError if there are any.
  void require(const RowFaults& faults) const;

  const Table& table() const { return table_; }
  const Recipe& recipe() const { return recipe_; }
  std::vector<SplitRow>& rows() { return rows_; }  // in the table's order
  const std::vector<SplitRow>& rows() const { return rows_; }

  // A parameter as messages call it: `--by`, or "`by`" of a recipe.
  std::string option(const std::string& parameter) const;
  // Index of the column that this parameter names. Throws UsageError.
  std::size_t column(const std::string& name, const std::string& parameter) const;
  // The rows that fulfil the condition. Throws UsageError for a column, or a value of it, that the
  // manifest does not have.
  std::vector<std::size_t> fulfilling(const Condition& condition) const;
  // Those that the rule is of; the samples `left_out` are not.
  std::vector<std::size_t> rows_of(const SplitRule& rule,
                                   const std::set<std::string>& left_out) const;

 private:
  std::string file_;
  const Table& table_;
  const Recipe& recipe_;
  std::string prefix_;
  std::vector<SplitRow> rows_;
};

// The sides of each patient in a split's worksheet; more than one is a leak. Throws UsageError for
// one that is not of the recipe's samples.
using SidesOfPatients = std::map<std::string, std::set<std::string>>;
SidesOfPatients sides_of_patients(const Table& split, const Recipe& recipe,
                                  const std::string& where);

// `train`, `val` and `test` first, then numbers, then the others.
std::vector<std::string> in_order(const std::set<std::string>& sides);

}  // namespace nicohort
