// Whether a volume shows anything, and all of it can be calculated with, noticed while its values
// stream past.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace nicohort {

// What messages say of the voxels that are no finite number in float32, with which everybody
// calculates, whatever type they are stored in.
inline constexpr const char* not_finite_text = "NaN, infinite or too large for float32";

class Contrast {
 public:
  // always_finite: no value can be anything else, so nobody needs to look.
  explicit Contrast(bool always_finite = false) : always_finite_(always_finite) {}
  void feed(std::span<const float> values);
  // What is wrong, with a remedy, if no value is finite or all that are finite are the same; else
  // empty. All values must have been fed.
  std::string flaw() const;
  // Voxels that are not_finite_text.
  std::int64_t not_finite() const { return not_finite_; }

 private:
  bool always_finite_;
  std::int64_t not_finite_ = 0;
  std::optional<float> value_;  // the first that is finite
  bool has_other_ = false;      // finite ones
};

}  // namespace nicohort
