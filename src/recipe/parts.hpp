// The parts of an archive's paths: site, phase, pid, or whatever a recipe names (SPEC 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nicohort {

struct Part {
  std::string name;
  // Its short forms, with the name in the archive beside each; in the recipe's order. None: what
  // fits the regular expression (RE2), which is one and the same in the archive and in short.
  std::vector<std::pair<std::string, std::string>> values;
  std::string expression = "[^_/]+";
  // Whether some path says nothing of it: it stands in an optional piece, or its expression fits
  // nothing, too.
  bool can_be_empty = false;

  bool has_values() const { return !values.empty(); }
  bool has_value(std::string_view short_form) const;
  // The name in the archive of a short form; the text itself if it is none.
  std::string in_archive(const std::string& short_form) const;
  std::string short_form(const std::string& in_archive) const;
  std::vector<std::string> short_forms() const;

  bool operator==(const Part&) const = default;
};
using Parts = std::vector<Part>;

// The short forms of one sample's parts, in the order of its Parts; empty: the path has it not.
using PartValues = std::vector<std::string>;

std::optional<std::size_t> index_of(const Parts& parts, std::string_view name);
std::vector<std::string> names_of(const Parts& parts);

// Whether manifests have a column of this name, or one may come to have it, that is no part and no
// attribute of the patient.
bool is_taken_name(std::string_view name);

// Why a part cannot have this name, in words; empty if it can.
std::string part_name_fault(std::string_view name);

}  // namespace nicohort
