#include "dataset/layout.hpp"

#include "step/labels.hpp"

namespace nicohort {

std::filesystem::path SampleFiles::binary_mask(std::uint8_t label, const std::string& name) const {
  return folder / (id + "_" + mask_column(label, name) + ".nii.gz");
}

}  // namespace nicohort
