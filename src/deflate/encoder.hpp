// What gzip is made by, and what it has to know of the bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace nicohort {

// Takes compressed bytes as they come.
using ByteSink = std::function<void(std::span<const std::byte>)>;

// What the bytes of a file are.
enum class Content {
  any,
  runs,    // bytes that are mostly like the one before: the voxels of a mask, an image's header
  floats,  // float32, the voxels of a volume
};

// Compresses block after block into one gzip member (RFC 1952) without time and name. Blocks are
// of block_bytes(), less where the content changes and at the end.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual std::size_t block_bytes() const = 0;
  virtual void encode(std::span<const std::byte> block, Content content, bool last,
                      const ByteSink& sink) = 0;
};

}  // namespace nicohort
