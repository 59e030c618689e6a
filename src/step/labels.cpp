#include "step/labels.hpp"

#include <fmt/format.h>

namespace nicohort {

std::string label_text(std::uint8_t label, const std::string& name) {
  return fmt::format("{:02d}_{}", label, name);
}

std::string mask_column(std::uint8_t label, const std::string& name) {
  return "mask_" + label_text(label, name);
}

}  // namespace nicohort
