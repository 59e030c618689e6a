// What can go wrong, in three kinds, and where it is collected.
//
//  - BadInput: one file or sample cannot be used. It unwinds the work on that sample (half-written
//    outputs go away with it) and becomes a Problem in the report; the other samples go on.
//  - UsageError: the command line or the named inputs are wrong. Nothing is written; exit status 2.
//  - MachineError: disk full, no permission, out of memory. Exit status 3.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace nicohort {

// One thing wrong with one file or sample: what it is, and what the user can do about it.
struct Problem {
  std::string subject;  // the file (relative to the root) or the sample's ID
  std::string what;     // "what is wrong; what to do"

  bool operator==(const Problem&) const = default;
};

class BadInput : public std::runtime_error {
 public:
  explicit BadInput(const std::string& what) : std::runtime_error(what) {}
  BadInput(std::string subject, const std::string& what)
      : std::runtime_error(what), subject_(std::move(subject)) {}

  // The file that is to blame; empty: whatever the catcher was working on.
  const std::string& subject() const { return subject_; }

 private:
  std::string subject_;
};

// Runs `work`; a BadInput that blames nobody yet blames `file`.
template <class Work>
auto blaming(const std::string& file, Work&& work) {
  try {
    return work();
  } catch (const BadInput& bad) {
    if (!bad.subject().empty()) throw;
    throw BadInput(file, bad.what());
  }
}

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nicohort
