// Voxels of any kind, as images are written: zlib gets the same bytes from what was compressed,
// and how they were cut into calls is not seen. The first three bytes of the input say what it is.
#include <zlib.h>

#include <string>

#include "deflate/gzip_writer.hpp"
#include "input.hpp"

namespace {
using namespace nicohort;

struct Part {
  Content content;
  std::string bytes;
};

std::string compressed(const Part (&parts)[2], std::size_t piece) {
  std::string made;
  GzipWriter writer([&](std::span<const std::byte> bytes) {
    made.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  for (const auto& [content, bytes] : parts) {
    writer.expect(content);
    for (std::span<const std::byte> left = std::as_bytes(std::span(bytes)); !left.empty();) {
      const std::size_t size = std::min(piece, left.size());
      writer.write(left.first(size));
      left = left.subspan(size);
    }
  }
  writer.finish();
  return made;
}

std::string inflated(const std::string& gzip, std::size_t size) {
  std::string into(size + 1, '\0');
  z_stream stream{};
  require(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = uInt(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  stream.avail_out = uInt(into.size());
  require(inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0);
  into.resize(stream.total_out);
  inflateEnd(&stream);
  return into;
}

// Pairs of bytes as whole numbers.
std::string floats_of(std::string_view numbers) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const auto number =
        float(std::int16_t(std::uint8_t(numbers[i]) | std::uint8_t(numbers[i + 1]) << 8));
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input = text_of(data + 3, size - 3);
  const std::string_view first = input.substr(0, input.size() * data[0] / 256),
                         second = input.substr(first.size());
  const auto part = [](std::string_view from, unsigned kind) -> Part {
    switch (kind) {
      case 0:
        return {Content::any, std::string(from)};
      case 1:
        return {Content::runs, std::string(from)};
      case 2:
        return {Content::floats, std::string(from)};  // hardly ever whole numbers
      default:
        return {Content::floats, floats_of(from)};
    }
  };
  Part parts[2] = {part(first, data[1] & 3), part(second, data[1] >> 2 & 3)};
  // More than a block of what is as long as a target's input can be.
  std::string& repeated = parts[1].bytes;
  repeated.reserve(repeated.size() << (data[1] >> 4 & 3));
  for (unsigned times = data[1] >> 4 & 3; times > 0; --times) repeated += repeated;
  const std::string whole = parts[0].bytes + parts[1].bytes;
  const std::string made = compressed(parts, 1 << 20);
  require(inflated(made, whole.size()) == whole);
  require(compressed(parts, 1 + std::size_t{data[2]} * 257) == made);
  return 0;
}
