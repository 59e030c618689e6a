// The archive's metadata workbooks: what is known of each patient.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/archive_names.hpp"
#include "cohort/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

using Patient = std::pair<std::string, std::string>;  // site, pid

// What is left of an identifier by a program that takes it for a number or drops blanks: `12` of
// ` 0012`. Two that are the same so far are one patient, if there is no other.
std::string bare_identifier(const std::string& text);

struct Metadata {
  std::vector<std::string> columns;  // of all workbooks in their order, without the key
  std::map<Patient, std::vector<Cell>> rows;

  // The cells of a patient, all empty for an unknown one.
  std::vector<Cell> of(const Patient& patient) const;
};

// Reads the workbooks of all sites and matches them with the patients that have images, by text.
// Reports what does not match (SPEC 4, routine 01). Patients are presented ones, here and in the
// result.
Metadata load_metadata(ArchiveNames& names, const Recipe& recipe, const std::set<Patient>& patients,
                       Report& report);

}  // namespace nicohort
