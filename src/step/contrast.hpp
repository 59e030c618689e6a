// Whether a volume shows anything, noticed while its values stream past.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace nicohort {

class Contrast {
 public:
  void feed(std::span<const float> values);
  // What is wrong, with a remedy, if no value is finite or all that are finite are the same; else
  // empty. All values must have been fed.
  std::string flaw() const;

 private:
  std::optional<float> value_;  // the first that is finite
  bool has_other_ = false;      // finite ones
  bool has_not_finite_ = false;
};

}  // namespace nicohort
