// Text of a cell. Tables have millions of them, many of which are copies of each other.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace nicohort {

// Text that does not change, a pointer wide: copies share it. Any thread can copy and destroy its
// own.
class Text {
 public:
  Text() = default;             // empty
  Text(std::string_view text);  // throws std::length_error from 4 GiB on
  Text(const std::string& text) : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}
  Text(const Text& other);
  Text(Text&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Text& operator=(Text other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Text();

  std::string_view view() const;
  operator std::string_view() const { return view(); }
  bool empty() const { return view().empty(); }
  bool operator==(const Text& other) const {
    return shared_ == other.shared_ || view() == other.view();
  }

 private:
  struct Shared;  // how many share it, and its length; its bytes stand behind
  Shared* shared_ = nullptr;
};

}  // namespace nicohort
