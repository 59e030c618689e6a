#include "deflate/voxel_encoder.hpp"

#include <isa-l/crc.h>

#include <optional>

#include "deflate/block.hpp"
#include "deflate/isal_stream.hpp"
#include "deflate/run_tokens.hpp"
#include "deflate/value_matcher.hpp"

namespace nicohort {
namespace {

class VoxelEncoder final : public Encoder {
 public:
  std::size_t block_bytes() const override { return ValueMatcher::most_voxels * bytes_of_voxel; }

  void encode(std::span<const std::byte> block, Content content, bool last,
              const ByteSink& sink) override {
    if (!is_begun_) begin();
    crc_ =
        crc32_gzip_refl(crc_, reinterpret_cast<const unsigned char*>(block.data()), block.size());
    length_ += static_cast<std::uint32_t>(block.size());
    if (block.empty() && in_library_)
      library_->write(block, last, sink);
    else if (add_tokens(block, content))
      use_tokens(last, sink);
    else
      use_library(block, last, sink);
    if (!block.empty()) before_ = int(block.back());
    if (last) end(sink);
  }

 private:
  // Tokens of a block: enough for codes that suit it, and few enough for codes that still do.
  static constexpr std::size_t tokens_of_block = 49152;

  bool add_tokens(std::span<const std::byte> block, Content content) {
    if (content == Content::floats && block.size() % bytes_of_voxel == 0) {
      if (!values_) values_.emplace();
      if (values_->add_tokens(block, tokens_)) return true;
    }
    if (values_) values_->forget();
    if (content != Content::runs) return false;
    add_run_tokens(block, before_, tokens_);
    return true;
  }

  void use_tokens(bool last, const ByteSink& sink) {
    if (in_library_) library_->flush(sink);
    in_library_ = false;
    if (last || tokens_.size() >= tokens_of_block) write_tokens(last, sink);
  }

  void use_library(std::span<const std::byte> block, bool last, const ByteSink& sink) {
    if (!in_library_) {
      if (tokens_.size() > 0) write_tokens(false, sink);
      if (!bits_.is_at_byte()) write_byte_boundary(bits_);
      sink(bits_.take());
      if (library_)
        library_->start();
      else
        library_.emplace(1, IsalStream::Form::raw);
      in_library_ = true;
    }
    library_->write(block, last, sink);
  }

  void write_tokens(bool last, const ByteSink& sink) {
    write_block(tokens_.all(), last, bits_);
    tokens_.clear();
    sink(bits_.take());
  }

  void begin() {  // RFC 1952, 2.3: deflate, no flags, no time, no system
    bits_.put(0x00088b1f, 32), bits_.put(0, 32), bits_.put(0xff00, 16);
    is_begun_ = true;
  }

  void end(const ByteSink& sink) {
    bits_.align();
    bits_.put(crc_, 32), bits_.put(length_, 32);
    sink(bits_.take());
  }

  bool is_begun_ = false;
  std::uint32_t crc_ = 0, length_ = 0;
  int before_ = -1;  // the last byte, or none
  std::optional<ValueMatcher> values_;
  Tokens tokens_;  // not yet written
  BitWriter bits_;
  std::optional<IsalStream> library_;
  bool in_library_ = false;  // whose stream goes on with the next block
};

}  // namespace

std::unique_ptr<Encoder> voxel_encoder() {
  return std::make_unique<VoxelEncoder>();
}

}  // namespace nicohort
