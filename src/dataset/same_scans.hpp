// One scan under two names: it would leak from one patient or subset into another.
#pragma once

#include <string>
#include <vector>

#include "dataset/record.hpp"

namespace nicohort {

// The channels of a sample's volume, with the fingerprints of their values, empty where one is not
// known.
struct FingerprintedSample {
  std::string id;
  std::vector<ChannelSummary> channels;
};

// Gives a problem for each sample of which a channel is another sample's, too, or is there twice.
std::vector<Problem> same_scans(const std::vector<FingerprintedSample>& samples);

}  // namespace nicohort
