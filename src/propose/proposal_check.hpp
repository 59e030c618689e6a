// What the user should know of a proposal: samples that lack something, masks that are not used.
#pragma once

#include <string>
#include <vector>

#include "base/problem.hpp"
#include "propose/draft_matches.hpp"

namespace nicohort {

// Images that are called masks and are none of a volume by the draft's patterns.
struct UnusedMasks {
  std::vector<std::string> misfits, others;  // those that match no pattern; and that match one
};
UnusedMasks unused_masks(const ArchiveFiles& files, const Matches& matches);

// Puts into the draft's comments what should be checked.
void describe_samples(const Recipe& recipe, const Matches& matches, const UnusedMasks& unused,
                      Draft& draft);

// What makes the proposal useless, at least for a part of the archive.
std::vector<Problem> faults_of(const Recipe& recipe, const Matches& matches,
                               const UnusedMasks& unused);

}  // namespace nicohort
