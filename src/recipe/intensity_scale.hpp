// What the values of an archive's volumes are: the recipe's key `intensity`.
#pragma once

#include <optional>
#include <string>

#include "step/window.hpp"

namespace nicohort {

struct IntensityScale {
  std::string unit;              // `HU`; empty: unknown
  std::optional<Window> window;  // that pictures show; none: the 1st to the 99th percentile
  bool operator==(const IntensityScale&) const = default;
};

}  // namespace nicohort
