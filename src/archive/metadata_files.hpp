// The files of a metadata table: which there are, of which samples they are, and how it is reported
// what is wrong with one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// A file of a table, and the samples that it is of.
struct FileOfSamples {
  PartValues values;     // the parts that its name has, presented
  std::string path;      // below the archive
  std::string shown;     // the same, presented
  bool is_free = false;  // the recipe alone does not name it
  std::vector<const PartValues*> samples, others;
};

// Those that the recipe names, in its order, then others as samples have them.
std::vector<FileOfSamples> files_of(const MetadataTable& table, const ArchiveNames& names,
                                    const Recipe& recipe, const std::set<PartValues>& samples,
                                    const std::set<PartValues>& others);

class MetadataProblems {
 public:
  MetadataProblems(const Recipe& recipe, Report& report) : recipe_(recipe), report_(report) {}

  // A problem of the file, or of the patient if it is of no other.
  void add(const FileOfSamples& file, ProblemKind kind, const std::string& what);
  // The same of what the recipe's line says and the file has not. Throws UsageError where it is the
  // only file of the table: a mistake in the recipe.
  void add_missing(const MetadataTable& table, const FileOfSamples& file, int line,
                   const std::string& what, const std::string& consequence);
  Report& report() { return report_; }

 private:
  const Recipe& recipe_;
  Report& report_;
};

}  // namespace nicohort
