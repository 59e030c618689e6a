// Hand-made NIfTI files for tests.
#pragma once

#include <nifti/nifti1.h>
#include <nifti/nifti2.h>

#include <unistd.h>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace nicohort::test {

using Bytes = std::vector<std::byte>;

// A valid header for 4 x 3 x 2 voxels of int16 with spacing 0.5, 1, 2 and no sform or qform.
template <class RawHeader>
RawHeader valid_header() {
  RawHeader raw{};
  raw.sizeof_hdr = sizeof raw;
  const int dim[8] = {3, 4, 3, 2, 1, 1, 1, 1};
  const double pixdim[8] = {1, 0.5, 1, 2, 0, 0, 0, 0};
  for (int i = 0; i < 8; ++i) {
    raw.dim[i] = static_cast<decltype(+raw.dim[0])>(dim[i]);
    raw.pixdim[i] = static_cast<decltype(+raw.pixdim[0])>(pixdim[i]);
  }
  raw.datatype = 4;
  raw.bitpix = 16;
  raw.vox_offset = sizeof raw + 4;
  std::memcpy(raw.magic, sizeof raw == 348 ? "n+1" : "n+2\0\r\n\x1a\n", sizeof raw.magic);
  return raw;
}

template <class T>
Bytes bytes_of_object(const T& object) {
  Bytes bytes(sizeof object);
  std::memcpy(bytes.data(), &object, sizeof object);
  return bytes;
}

// The header, the four bytes behind it and the voxels.
template <class RawHeader, class T>
Bytes image(const RawHeader& raw, const std::vector<T>& voxels) {
  Bytes bytes = bytes_of_object(raw);
  bytes.resize(sizeof raw + 4);
  const auto data = std::as_bytes(std::span(voxels));
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("nicohort_nifti_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void save(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace nicohort::test
