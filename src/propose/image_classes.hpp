// Which images are volumes and which are masks, by the words in their paths.
#pragma once

#include <string>
#include <vector>

#include "propose/draft.hpp"

namespace nicohort {

struct ImageClasses {
  std::vector<std::string> volumes, masks;
};

// A word that is in the paths of all images says nothing. Puts into the draft's `ignore` what is
// neither: images called 4d beside others, and probability maps.
ImageClasses classes_of(const ArchiveFiles& files, Draft& draft);

}  // namespace nicohort
