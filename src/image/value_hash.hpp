// A fingerprint of an image's values, whatever header, type or compression they are stored with:
// XXH3-128 (xxHash) of the float32 values in memory order.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace nicohort {

class ValueHash {
 public:
  ValueHash();
  ~ValueHash();
  ValueHash(ValueHash&&) noexcept;

  void update(std::span<const float> values);
  std::string digest() const;  // 32 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
