// The volume that a dataset has of a sample, while a command changes the mask.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/size3.hpp"
#include "dataset/layout.hpp"
#include "step/foreground.hpp"
#include "step/step.hpp"
#include "step/values.hpp"

namespace nicohort {

class StoredVolume {
 public:
  // channels: all of them, which steps look at the first of. size: of the mask, which the volume
  // must have, too; else reading it throws BadInput.
  StoredVolume(const std::filesystem::path& dataset, const SampleFiles& files,
               const std::vector<std::string>& channels, const Size3& size);
  StoredVolume(const StoredVolume&) = delete;
  StoredVolume& operator=(const StoredVolume&) = delete;

  // Before the steps are done: reads what they will ask for, and keeps what is under the mask for
  // under(). mask: it must stay. Nothing is read for steps that do not look at the volume.
  void look(const Steps& steps, const BinaryMask& mask, PickedVoxels picked);
  Values& values() { return values_; }  // for the steps
  // Of each channel, under the mask that the steps have left. Reads what look() has not seen.
  std::vector<ForegroundSummary> under(const BinaryMask& mask) const;

 private:
  void read(const std::string& channel, const TakeValues& take) const;

  const std::filesystem::path& dataset_;
  const SampleFiles& files_;
  const std::vector<std::string>& channels_;
  const Size3 size_;
  Values values_;
  std::optional<PickedVoxels> picked_;
  const BinaryMask* mask_ = nullptr;
  std::optional<ForegroundSample> seen_;  // of the first channel, under mask_
};

}  // namespace nicohort
