#include "table/text.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>

namespace nicohort {

struct Text::Shared {
  explicit Shared(std::size_t bytes) : length(static_cast<std::uint32_t>(bytes)) {}
  char* bytes() { return reinterpret_cast<char*>(this + 1); }

  std::atomic<std::uint32_t> owners = 1;
  std::uint32_t length;
};

Text::Text(std::string_view text) {
  if (text.empty()) return;
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("a text of more than 4 GiB");
  shared_ = new (::operator new(sizeof(Shared) + text.size())) Shared(text.size());
  std::copy(text.begin(), text.end(), shared_->bytes());
}

Text::Text(const Text& other) : shared_(other.shared_) {
  if (shared_) shared_->owners.fetch_add(1, std::memory_order_relaxed);
}

Text::~Text() {
  if (!shared_ || shared_->owners.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  shared_->~Shared();
  ::operator delete(shared_);
}

std::string_view Text::view() const {
  return shared_ ? std::string_view(shared_->bytes(), shared_->length) : std::string_view();
}

}  // namespace nicohort
