// What the values of a piece of paths say: how they go with patients, and which words are in them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "propose/path_pieces.hpp"

namespace nicohort {

using PieceValues = std::set<std::string>;

// The values of each patient, and in how many patients each is.
struct Shares {
  std::map<std::string, PieceValues> of_patients;
  std::map<std::string, std::size_t> of_values;
  std::size_t with_several = 0;

  // Whether so many patients are half of them or more.
  bool is_of_most(std::size_t patients) const { return patients * 2 >= of_patients.size(); }
};
Shares shares_of(const PathPiece& piece, const std::vector<std::string>& pids);

// The images of a patient who has the most values.
std::vector<std::string> paths_of_one(const CutPaths& cut, const Shares& shares);

bool is_in(const std::string& path, const std::vector<std::string>& paths);

template <class Is>
bool are_all(const PieceValues& values, const Is& is) {
  return !values.empty() && std::all_of(values.begin(), values.end(), is);
}

// Whether they have half of the values of one of them in common.
bool are_like(const PieceValues& a, const PieceValues& b);

// The letters and digits directly around a piece: `T` and `w` of T1w and T2w, which vary as 1
// and 2.
struct WordAround {
  std::string before, behind;
};
WordAround word_around(const CutPaths& cut, const PathPiece& piece);

// The values with what is directly around them: T1w, T2w.
PieceValues whole_words(const CutPaths& cut, const PathPiece& piece);

// The longest of the values that the text has as words of its own, and where.
std::optional<std::pair<std::size_t, std::string>> value_in(const std::string& text,
                                                            const PieceValues& values);

bool has_phase_word(const std::string& value);
bool has_prediction_word(const std::string& value);
bool has_reader_word(const std::string& value);

}  // namespace nicohort
