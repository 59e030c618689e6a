// What can go wrong, in three kinds, and where it is collected.
//
//  - BadInput: one file or sample cannot be used. It unwinds the work on that sample (half-written
//    outputs go away with it) and becomes a Problem in the report; the other samples go on.
//  - UsageError: the command line or the named inputs are wrong. Nothing is written; exit status 2.
//  - MachineError: disk full, no permission, out of memory. Exit status 3.
#pragma once

#include <compare>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nicohort {

// What users sort problems by; web/src/report/kinds.ts explains each to them.
enum class ProblemKind {
  unreadable_file,  // a file cannot be read, is damaged, or is not what its name says
  geometry,         // images have different sizes or places, or one has an impossible place
  mask_value,       // a mask holds values that are no labels
  unmapped_label,   // a mask holds a label that the label map does not name
  image_content,    // a volume or mask shows nothing, or a step removed too much of a mask
  metadata,         // a table of metadata lacks something, or does not fit the images
  layout,           // a file or folder does not have the name or place that it should
  pseudonym,        // the key does not lead from a pseudonym to a file
  duplicate_scan,   // the same image is there more than once
  incomplete,       // something is missing that belongs to a sample or the dataset
  changed_file,     // a file is not as it was written or read
  unfinished_work,  // a command was interrupted, or samples are out of date
  table,            // a table does not match the files, contradicts itself, or cannot be written
  split,            // a split is not as requested, or does not match the manifest
  other,            // none of these
};
// As text, `unreadable file`.
std::string name_of(ProblemKind kind);
std::optional<ProblemKind> problem_kind_named(std::string_view name);

// One thing wrong with one file or sample: what it is, and what the user can do about it.
struct Problem {
  std::string subject;  // the file (relative to the root) or the sample's ID
  ProblemKind kind = ProblemKind::other;
  std::string what;  // "what is wrong; what to do"

  auto operator<=>(const Problem&) const = default;
};

class BadInput : public std::runtime_error {
 public:
  BadInput(ProblemKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  BadInput(std::string subject, ProblemKind kind, const std::string& what)
      : std::runtime_error(what), subject_(std::move(subject)), kind_(kind) {}

  // The file that is to blame; empty: whatever the catcher was working on.
  const std::string& subject() const { return subject_; }
  ProblemKind kind() const { return kind_; }

 private:
  std::string subject_;
  ProblemKind kind_;
};

// subject: what is to blame if the BadInput blames nobody.
Problem problem_of(const BadInput& bad, const std::string& subject = {});

// Runs `work`; a BadInput that blames nobody yet blames `file`.
template <class Work>
auto blaming(const std::string& file, Work&& work) {
  try {
    return work();
  } catch (const BadInput& bad) {
    if (!bad.subject().empty()) throw;
    throw BadInput(file, bad.kind(), bad.what());
  }
}

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What is wrong with a table that cannot be used; where: the file itself, or a worksheet of it.
Problem problem_of(const UsageError& wrong, const std::filesystem::path& table,
                   const std::string& where);

class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nicohort
