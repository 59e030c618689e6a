#include "deflate/library_encoders.hpp"

#include <zlib.h>

#include <new>
#include <vector>

#include "base/problem.hpp"
#include "deflate/isal_stream.hpp"

namespace nicohort {
namespace {

class IsalEncoder final : public Encoder {
 public:
  explicit IsalEncoder(int level) : stream_(level, IsalStream::Form::gzip) {}
  std::size_t block_bytes() const override { return 256 * 1024; }
  void encode(std::span<const std::byte> block, Content, bool last, const ByteSink& sink) override {
    stream_.write(block, last, sink);
  }

 private:
  IsalStream stream_;
};

// zlib's deflate, which knows streams where libdeflate does not.
class ZlibEncoder final : public Encoder {
 public:
  explicit ZlibEncoder(int level) : output_(256 * 1024) {
    constexpr int gzip_window_bits = 15 + 16, memory_level = 8;
    if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~ZlibEncoder() override { deflateEnd(&stream_); }
  ZlibEncoder(const ZlibEncoder&) = delete;
  ZlibEncoder& operator=(const ZlibEncoder&) = delete;

  std::size_t block_bytes() const override { return 256 * 1024; }

  void encode(std::span<const std::byte> block, Content, bool last, const ByteSink& sink) override {
    // zlib takes a pointer to non-const but only reads from it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
    stream_.avail_in = static_cast<uInt>(block.size());
    do {
      stream_.next_out = output_.data();
      stream_.avail_out = static_cast<uInt>(output_.size());
      if (deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
        throw MachineError("zlib refused to compress");
      sink(std::as_bytes(std::span(output_).first(output_.size() - stream_.avail_out)));
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
  std::vector<Bytef> output_;
};

}  // namespace

std::unique_ptr<Encoder> isal_encoder(int level) {
  return std::make_unique<IsalEncoder>(level);
}

std::unique_ptr<Encoder> zlib_encoder(int level) {
  return std::make_unique<ZlibEncoder>(level);
}

}  // namespace nicohort
