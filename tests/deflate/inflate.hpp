// What readers of gzip make of it.
#pragma once

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <zlib.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace nicohort::testing {

inline std::uint8_t* bytes(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

inline void require_end(bool is_at_end, const char* reader) {
  if (!is_at_end) throw std::runtime_error(std::string(reader) + " refused it");
}

// window_bits: as inflateInit2() takes them
inline std::string inflated_by_zlib(std::string gzip, std::size_t size, int window_bits = 15 + 16) {
  std::string into(size + 1, '\0');
  z_stream stream{};
  inflateInit2(&stream, window_bits);
  stream.next_in = bytes(gzip), stream.avail_in = uInt(gzip.size());
  stream.next_out = bytes(into), stream.avail_out = uInt(into.size());
  const int code = inflate(&stream, Z_FINISH);
  into.resize(stream.total_out);
  inflateEnd(&stream);
  require_end(code == Z_STREAM_END && stream.avail_in == 0, "zlib");
  return into;
}

inline std::string inflated_by_isal(std::string gzip, std::size_t size) {
  std::string into(size + 1, '\0');
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.next_in = bytes(gzip), state.avail_in = std::uint32_t(gzip.size());
  state.next_out = bytes(into), state.avail_out = std::uint32_t(into.size());
  const int code = isal_inflate(&state);
  into.resize(state.total_out);
  require_end(code == ISAL_DECOMP_OK && state.block_state == ISAL_BLOCK_FINISH, "ISA-L");
  return into;
}

inline std::string inflated_by_libdeflate(std::string gzip, std::size_t size) {
  std::string into(size + 1, '\0');
  libdeflate_decompressor* reader = libdeflate_alloc_decompressor();
  std::size_t used = 0, made = 0;
  const auto code = libdeflate_gzip_decompress_ex(reader, gzip.data(), gzip.size(), into.data(),
                                                  into.size(), &used, &made);
  libdeflate_free_decompressor(reader);
  require_end(code == LIBDEFLATE_SUCCESS && used == gzip.size(), "libdeflate");
  into.resize(made);
  return into;
}

// Whether all three give this content, and check sum and length.
inline bool gives(const std::string& gzip, const std::string& content) {
  return inflated_by_zlib(gzip, content.size()) == content &&
         inflated_by_isal(gzip, content.size()) == content &&
         inflated_by_libdeflate(gzip, content.size()) == content;
}

}  // namespace nicohort::testing
