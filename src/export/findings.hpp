// What keeps a dataset from being exported: all of it is told before anything is written.
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

class Findings {
 public:
  explicit Findings(Listener& listener) : report_(listener) {}

  // subject: a sample's ID, a file, or what is wrong as a whole.
  void add(const std::string& subject, ProblemKind kind, const std::string& what) {
    report_.add(subject, kind, what);
  }
  Report& report() { return report_; }

  // Writes them to this table, or removes an older one if there are none. Throws UsageError if
  // there are any.
  void require_none(const std::filesystem::path& table) const;

 private:
  Report report_;
};

}  // namespace nicohort
