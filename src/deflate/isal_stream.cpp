#include "deflate/isal_stream.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace nicohort {

IsalStream::IsalStream(int level, Form form)
    : level_(level), form_(form), level_buffer_(ISAL_DEF_LVL1_DEFAULT), output_(256 * 1024) {
  start();
}

void IsalStream::start() {
  beginning_.clear();
  isal_deflate_init(&stream_);
  stream_.gzip_flag = form_ == Form::gzip ? IGZIP_GZIP : IGZIP_DEFLATE;
  stream_.level = static_cast<std::uint32_t>(level_);
  stream_.level_buf = level_buffer_.data();
  stream_.level_buf_size = static_cast<std::uint32_t>(level_buffer_.size());
}

void IsalStream::write(std::span<const std::byte> bytes, bool last, const ByteSink& sink) {
  // ISA-L 2.30's code for the first byte of a stream at level 1 takes the place of `stream_` in
  // memory for data, and in one file of 8,000 other bytes come out
  // (igzip/igzip_icf_body_h1_gr_bt.asm: .write_first_byte). A piece of at most 16 bytes that is
  // flushed goes another way; seven bytes more. Fewer wait for those that follow.
  constexpr std::size_t first_bytes = 8;
  if (level_ > 0 && stream_.total_in == 0) {
    const auto first = bytes.first(std::min(first_bytes - beginning_.size(), bytes.size()));
    beginning_.insert(beginning_.end(), first.begin(), first.end());
    bytes = bytes.subspan(first.size());
    if (bytes.empty() && !last) return;
    const bool is_all = bytes.empty();
    deflate(beginning_, is_all ? NO_FLUSH : SYNC_FLUSH, is_all, sink);
    beginning_.clear();
    if (is_all) return;
  }
  deflate(bytes, NO_FLUSH, last, sink);
}

void IsalStream::flush(const ByteSink& sink) {
  deflate(beginning_, SYNC_FLUSH, false, sink);
  beginning_.clear();
}

void IsalStream::deflate(std::span<const std::byte> bytes, std::uint16_t flush, bool last,
                         const ByteSink& sink) {
  // ISA-L takes a pointer to non-const but only reads from it.
  stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(bytes.data()));
  stream_.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream_.flush = flush;
  stream_.end_of_stream = last;
  do {
    stream_.next_out = output_.data();
    stream_.avail_out = static_cast<std::uint32_t>(output_.size());
    if (isal_deflate(&stream_) != COMP_OK) throw MachineError("ISA-L refused to compress");
    sink(std::as_bytes(std::span(output_).first(output_.size() - stream_.avail_out)));
  } while (stream_.avail_out == 0 || stream_.avail_in > 0);
}

}  // namespace nicohort
