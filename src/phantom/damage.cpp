#include "phantom/damage.hpp"

#include <algorithm>
#include <array>

#include "base/atomic_file.hpp"
#include "base/gzip.hpp"

namespace nicohort {

ImageDraft draft(const StoredImage& image) {
  return {image.header, voxel_bytes(image, 0, image.values.size()), image};
}

Bytes whole(const ImageDraft& image) {
  Bytes bytes = image.header;
  bytes.insert(bytes.end(), image.voxels.begin(), image.voxels.end());
  return bytes;
}

std::size_t slice_bytes(const ImageDraft& image) {
  const auto slices = std::size_t(get<std::int16_t>(image.header, nifti1::dim + 6));
  return image.voxels.size() / slices;
}

void retype(ImageDraft& image, DataType type) {
  image.image.type = type;
  image.image.add = 0;
  image.voxels = voxel_bytes(image.image, 0, image.image.values.size());
  put(image.header, nifti1::datatype, std::int16_t(type));
  put(image.header, nifti1::bitpix, std::int16_t(8 * bytes_of(type)));
  put(image.header, nifti1::scl_slope, 1.f);
  put(image.header, nifti1::scl_inter, 0.f);
}

void retype_compound(ImageDraft& image, std::int16_t code, std::size_t bytes_per_voxel) {
  put(image.header, nifti1::datatype, code);
  put(image.header, nifti1::bitpix, std::int16_t(8 * bytes_per_voxel));
  image.voxels.assign(image.image.values.size() * bytes_per_voxel, std::byte{0});
}

void to_big_endian(ImageDraft& image) {
  const auto swap = [](Bytes& bytes, std::size_t at, std::size_t width, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      std::reverse(bytes.begin() + std::ptrdiff_t(at + i * width),
                   bytes.begin() + std::ptrdiff_t(at + (i + 1) * width));
  };
  const std::size_t width = bytes_of(image.image.type);
  swap(image.voxels, 0, width, image.voxels.size() / width);
  struct Fields {
    std::size_t offset, width, count;
  };
  // All fields of the NIfTI-1 header that have more than one byte.
  constexpr Fields fields[] = {{0, 4, 1},   {32, 4, 1},  {36, 2, 1},  {40, 2, 8},
                               {56, 4, 3},  {68, 2, 4},  {76, 4, 11}, {120, 2, 1},
                               {124, 4, 6}, {252, 2, 2}, {256, 4, 18}};
  for (const Fields& f : fields) swap(image.header, f.offset, f.width, f.count);
}

void to_nifti2(ImageDraft& image) {
  const Bytes& old = image.header;
  Bytes header(544);  // 540 and four zeros: no extension
  put(header, 0, std::int32_t(540));
  put(header, 4, std::array<char, 8>{'n', '+', '2', 0, '\r', '\n', '\032', '\n'});
  put(header, 12, get<std::int16_t>(old, nifti1::datatype));
  put(header, 14, get<std::int16_t>(old, nifti1::bitpix));
  for (std::size_t i = 0; i < 8; ++i) {
    put(header, 16 + 8 * i, std::int64_t(get<std::int16_t>(old, nifti1::dim + 2 * i)));
    put(header, 104 + 8 * i, double(get<float>(old, nifti1::pixdim + 4 * i)));
  }
  put(header, 168, std::int64_t(header.size()));
  put(header, 176, double(get<float>(old, nifti1::scl_slope)));
  put(header, 184, double(get<float>(old, nifti1::scl_inter)));
  put(header, 344, std::int32_t(get<std::int16_t>(old, nifti1::qform_code)));
  put(header, 348, std::int32_t(get<std::int16_t>(old, nifti1::sform_code)));
  for (std::size_t i = 0; i < 18; ++i)
    put(header, 352 + 8 * i, double(get<float>(old, nifti1::quatern + 4 * i)));
  put(header, 500, std::int32_t(2));  // mm
  image.header = std::move(header);
}

void set_affine_entry(ImageDraft& image, std::size_t row, std::size_t column, float value) {
  put(image.header, nifti1::sform_code, std::int16_t(1));
  put(image.header, nifti1::qform_code, std::int16_t(0));
  put(image.header, nifti1::srow + 16 * row + 4 * column, value);
}

std::string disk_bytes(const std::filesystem::path& path) {
  return read_file(path, std::size_t(1) << 26);
}

Damage on_disk(const std::function<void(std::string&)>& change) {
  return [change](const std::filesystem::path& path) {
    std::string bytes = disk_bytes(path);
    change(bytes);
    write_file(path, bytes);
  };
}

Bytes inflated(const std::filesystem::path& path) {
  ByteReader reader(path);
  Bytes bytes;
  std::array<std::byte, 1 << 16> piece{};
  while (const std::size_t n = reader.read(piece))
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + std::ptrdiff_t(n));
  return bytes;
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace nicohort
