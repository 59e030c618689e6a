#include "view/served_image.hpp"

#include <vector>

#include "base/gzip.hpp"
#include "base/problem.hpp"
#include "deflate/gzip_writer.hpp"
#include "image/image_file.hpp"

namespace nicohort {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

}  // namespace

bool is_one_member(const std::filesystem::path& image) {
  try {
    const ByteReader bytes(image);
    return !bytes.is_gzip() ||
           bytes.last_member_length() ==
               static_cast<std::uint32_t>(ImageReader(image).header().file_bytes());
  } catch (const BadInput&) {
    return true;
  }
}

struct OneMember::State {
  explicit State(const std::filesystem::path& image) : bytes(image) {}

  ByteReader bytes;
  std::vector<std::byte> plain = std::vector<std::byte>(piece_bytes), packed{};
  bool is_finished = false;
  GzipWriter writer{[this](std::span<const std::byte> made) {
                      packed.insert(packed.end(), made.begin(), made.end());
                    },
                    Compression::fast};
};

OneMember::OneMember(const std::filesystem::path& image) : state_(std::make_unique<State>(image)) {}

OneMember::~OneMember() = default;

std::span<const std::byte> OneMember::next() {
  auto& [bytes, plain, packed, is_finished, writer] = *state_;
  packed.clear();
  while (packed.empty() && !is_finished) {
    const std::size_t got = bytes.read(plain);
    writer.write(std::span(plain).first(got));
    is_finished = got < plain.size();
    if (is_finished) writer.finish();
  }
  return packed;
}

}  // namespace nicohort
