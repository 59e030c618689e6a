// What the targets share: the input as text or as a file, and what a reader may throw.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/problem.hpp"

namespace nicohort {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A file without a name, in memory only, as long as the object lives.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    if (descriptor_ < 0 ||
        ::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// Runs `read`; whether the input was good. Anything but these two exceptions is a finding.
template <class Read>
bool is_good(Read read) {
  try {
    read();
    return true;
  } catch (const BadInput&) {
  } catch (const UsageError&) {
  }
  return false;
}

// A promise of the interface that did not hold.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace nicohort
