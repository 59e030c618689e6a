// Archives in which each label has a mask file of its own (`mask: {file: "{pid}/{label}.nii.gz"}`):
// which of these files are used, and which are not there.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/listener.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// In other archives it takes every file, and has nothing to tell.
class LabelFiles {
 public:
  explicit LabelFiles(const Recipe& recipe) : recipe_(recipe) {}

  // Whether the file is used: whether it is a volume, or its label is among the recipe's.
  bool takes(const ImageKey& file);

  // Labels without a file, whose masks are empty; files of other labels; and files of which the
  // name looks like that of a label that has none.
  void tell(Listener& listener) const;

 private:
  struct Labels {
    std::set<std::string> known, others;  // as in file names
  };
  std::set<std::string> missing_in(const Labels& of_sample) const;
  void tell_others(Listener& listener) const;
  void tell_missing(Listener& listener) const;
  void tell_near_misses(Listener& listener) const;

  const Recipe& recipe_;
  std::map<PartValues, Labels> samples_;
};

}  // namespace nicohort
