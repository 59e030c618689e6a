// The parameters of a step, or of a split, declared once: the command line, the recipe, the record
// and the docs all read this declaration.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "step/size.hpp"
#include "step/window.hpp"

namespace nicohort {

// One of some words.
struct Choice {
  std::vector<std::string> words;
  std::size_t chosen = 0;
  const std::string& word() const { return words[chosen]; }
};

// Where a parameter's value is kept.
using ParameterPlace =
    std::variant<int*, std::uint32_t*, double*, bool*, std::string*, std::vector<std::string>*,
                 std::map<int, std::string>*, std::array<int, 2>*, Window*, SmallerThan*, Choice*>;

struct Parameter {
  std::string name;          // in recipes and records: `smaller_than`
  std::string option;        // on the command line, as the tutorial has it: `--region_area_thresh`;
                             // empty: none
  ParameterPlace place;      // has the command line's default
  std::string help;          // a phrase, with the unit
  bool is_required = false;  // a recipe has to name it
  bool is_recorded = true;   // the sample depends on it
  bool is_table = false;     // the name of a table to be written
  // Of the numbers that it has.
  double lowest = 0, highest = std::numeric_limits<double>::max();
  // What --help calls the values (cli/program_text.hpp), such as COLUMN; empty: by their type.
  std::string type_name = {};
};
using Parameters = std::vector<Parameter>;

// The value as JSON: `[-140.0,1000.0]`, `"10 mm2"`.
std::string json_of(const Parameter& parameter);

// Sets the value from JSON. Throws UsageError, which begins with the parameter's name, unless it is
// a value of its kind and range.
void set_parameter(const Parameter& parameter, const std::string& json);

// Throws UsageError as set_parameter does if the value is out of range: the command line has set
// it.
void check_parameter(const Parameter& parameter);

}  // namespace nicohort
