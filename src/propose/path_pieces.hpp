// Paths of one class of images cut into pieces: what is the same in all, what tells patients apart,
// and what else varies.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace nicohort {

struct PathPiece {
  // either: texts that are taken for the same, such as t1 and T1.
  enum class Kind { literal, pid, varying, channel, either };

  Kind kind = Kind::literal;
  std::vector<std::string> texts;  // of each path; of a literal: all the same
  std::size_t level = 0;           // how many folders are above
  // Of one that some paths leave out: the character that is before it in the others.
  std::string optional_sign = {};
  std::string part = {};  // that it is, of one that varies; empty: not known

  std::set<std::string> values() const;  // but the empty one
};

// In order, they make each path but its ending.
struct CutPaths {
  std::vector<std::string> paths;  // those that could be cut alike
  std::vector<PathPiece> pieces;

  std::vector<std::string> pids() const;  // of each path
};

// known_pids: identifiers that are known from other images, by which these are cut if they are
// there; empty: the piece is taken that looks most like an identifier.
CutPaths cut_paths(const std::vector<std::string>& paths, const std::set<std::string>& known_pids);

// Whether these are dates or times (20190304, 2019-03-04, 20190304101500) or numbers that DICOM
// gives to series (1.2.840.…), which tell scans apart, but not patients.
bool are_dates(const std::set<std::string>& values);
bool are_series(const std::set<std::string>& values);

}  // namespace nicohort
