// ISA-L's deflate as a stream.
#pragma once

#include <isa-l/igzip_lib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "deflate/encoder.hpp"

namespace nicohort {

class IsalStream {
 public:
  enum class Form { raw, gzip };
  IsalStream(int level, Form form);

  // Begins a new stream, which knows nothing of what was before.
  void start();
  void write(std::span<const std::byte> bytes, bool last, const ByteSink& sink);
  // Ends the block at a whole byte; the stream may go on.
  void flush(const ByteSink& sink);

 private:
  void deflate(std::span<const std::byte> bytes, std::uint16_t flush, bool last,
               const ByteSink& sink);

  int level_;
  Form form_;
  isal_zstream stream_{};
  std::vector<std::uint8_t> level_buffer_, output_;
  std::vector<std::byte> beginning_;  // of the stream, not yet compressed
};

}  // namespace nicohort
