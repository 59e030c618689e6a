#include "deflate/gzip_writer.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/output_file.hpp"
#include "deflate/library_encoders.hpp"
#include "deflate/voxel_encoder.hpp"

namespace nicohort {
namespace {

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::fast:
      return isal_encoder(0);
    case Compression::small:
      return zlib_encoder(6);
    default:
      return voxel_encoder();
  }
}

}  // namespace

struct GzipWriter::State {
  struct Block {
    std::vector<std::byte> bytes;
    Content content = Content::any;
    bool last = false;
  };

  ByteSink sink;
  std::unique_ptr<Encoder> encoder;
  const std::size_t block_bytes = encoder->block_bytes();
  Content content = Content::any;
  std::vector<std::byte> block{};  // less than block_bytes, waiting for more
  // With more threads:
  std::optional<Behind<std::vector<std::byte>>> giving = {};  // to the sink
  std::optional<Behind<Block>> encoding = {};

  void work_behind() {
    giving.emplace([this](const std::vector<std::byte>& made) { sink(made); });
    encoding.emplace([this](const Block& full) {
      encoder->encode(full.bytes, full.content, full.last, [this](std::span<const std::byte> made) {
        giving->put([&](std::vector<std::byte>& bytes) { bytes.assign(made.begin(), made.end()); });
      });
    });
  }

  void encode(std::span<const std::byte> bytes, bool last) {
    if (!encoding) return encoder->encode(bytes, content, last, sink);
    encoding->put([&](Block& full) {
      full.bytes.assign(bytes.begin(), bytes.end());
      full.content = content;
      full.last = last;
    });
  }

  void finish() {
    encode(block, true);
    if (!encoding) return;
    encoding->finish();
    giving->finish();
  }
};

GzipWriter::GzipWriter(ByteSink sink, Compression compression, Threads threads)
    : state_(new State{std::move(sink), make_encoder(compression)}) {
  state_->block.reserve(state_->block_bytes);
  if (threads == Threads::more) state_->work_behind();
}
GzipWriter::GzipWriter(OutputFile& file, Compression compression, Threads threads)
    : GzipWriter([&file](std::span<const std::byte> bytes) { file.write(bytes); }, compression,
                 threads) {}
GzipWriter::~GzipWriter() = default;

void GzipWriter::expect(Content content) {
  State& s = *state_;
  if (!s.block.empty()) s.encode(s.block, false);
  s.block.clear();
  s.content = content;
}

void GzipWriter::write(std::span<const std::byte> bytes) {
  State& s = *state_;
  // Always the same cuts, whatever the pieces: what comes out depends on them.
  while (!bytes.empty()) {
    if (s.block.empty() && bytes.size() >= s.block_bytes) {
      s.encode(bytes.first(s.block_bytes), false);
      bytes = bytes.subspan(s.block_bytes);
      continue;
    }
    const std::size_t take = std::min(s.block_bytes - s.block.size(), bytes.size());
    s.block.insert(s.block.end(), bytes.begin(), bytes.begin() + take);
    bytes = bytes.subspan(take);
    if (s.block.size() == s.block_bytes) {
      s.encode(s.block, false);
      s.block.clear();
    }
  }
}

void GzipWriter::finish() {
  state_->finish();
  state_.reset();  // a sample may have hundreds of finished files that wait for commit()
}

}  // namespace nicohort
