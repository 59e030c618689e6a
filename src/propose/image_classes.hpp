// Which images are volumes and which are masks, by the words in their paths.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace nicohort {

struct ImageClasses {
  std::vector<std::string> volumes, masks;
  std::set<std::string> words;       // by which the masks were known
  std::vector<std::string> ignored;  // globs of 4-D images beside 3-D ones, which are neither
};

// A word that is in the paths of all images says nothing.
ImageClasses classes_of(const std::vector<std::string>& images);

}  // namespace nicohort
