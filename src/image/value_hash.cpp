#include "image/value_hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

namespace nicohort {

struct ValueHash::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh{XXH3_createState(), XXH3_freeState};
};

ValueHash::ValueHash() : state_(std::make_unique<State>()) {
  if (!state_->xxh) throw std::bad_alloc();
  XXH3_128bits_reset(state_->xxh.get());
}
ValueHash::~ValueHash() = default;
ValueHash::ValueHash(ValueHash&&) noexcept = default;

void ValueHash::update(std::span<const float> values) {
  XXH3_128bits_update(state_->xxh.get(), values.data(), values.size_bytes());
}

std::string ValueHash::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace nicohort
