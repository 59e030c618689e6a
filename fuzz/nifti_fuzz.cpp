// Images, plain and gzip: header, then all voxels as values and as labels.
#include "image/image_file.hpp"
#include "input.hpp"
#include "mask/scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const MemoryFile file(text_of(data, size));
  const bool is_whole = is_good([&] { read_header(file.path(), true); });
  const bool is_readable = is_good([&] {
    ImageReader reader(file.path());
    std::int64_t values = 0;
    reader.read_values([&](std::span<const float> piece) { values += std::ssize(piece); });
    require(values == reader.header().geometry.size.voxels());
  });
  require(is_whole == is_readable);
  is_good([&] {
    ImageReader reader(file.path());
    LabelScanner scanner(reader.header().geometry.size);
    std::int64_t voxels = 0;
    reader.read_labels([&](std::span<const std::uint8_t> labels) {
      scanner.feed(labels);
      voxels += std::ssize(labels);
    });
    require(voxels == scanner.finish().size().voxels());
  });
  return 0;
}
