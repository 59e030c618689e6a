// Images as streams: voxels pass through a small buffer and are never whole in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/gzip.hpp"
#include "base/handover.hpp"
#include "deflate/gzip_writer.hpp"
#include "image/header.hpp"
#include "image/value_hash.hpp"

namespace nicohort {

// Reads the header of a file, and compares the length that the end of a gzip file states with the
// one the header asks for; where they differ, the file is read through to settle it. `verify` reads
// it through in any case, checking the checksums. channels: as parse_header() takes them. Throws
// BadInput.
Header read_header(const std::filesystem::path& path, bool verify = false,
                   std::int64_t channels = 1);

// Reads an image front to back, once.
class ImageReader {
 public:
  // channels: as parse_header() takes them. Throws BadInput when the header is not valid.
  explicit ImageReader(const std::filesystem::path& path, bool hashed = false,
                       std::int64_t channels = 1, Threads threads = Threads::one);

  const Header& header() const { return header_; }

  // SHA-256 of the file, if it is `hashed` and its voxels have been read. Once.
  std::string sha256() { return bytes_.sha256(); }

  // Fingerprint of a channel's values, if the file is `hashed` and they have been read.
  std::string value_hash(std::size_t channel = 0) const {
    return values_.empty() ? "" : values_[channel].digest();
  }

  // Calls `sink` with the voxels' values in memory order, piece by piece, rounded once to float32
  // (from stored × slope + inter in double, which is what nibabel's get_fdata() computes); checks
  // at the end that the file ends there and its checksum is right. Throws BadInput on damage.
  // Of the first channel; the others are read, too.
  void read_values(const std::function<void(std::span<const float>)>& sink);
  // The same of all channels, one after the other; no piece is of two. Beside the values the voxels
  // as they are stored, but in this machine's byte order.
  struct Piece {
    std::size_t channel = 0;
    std::span<const float> values;
    std::span<const std::byte> stored;
  };
  void read_channels(const std::function<void(const Piece&)>& sink);

  // The same for masks: every value must be a whole number from 0 to 255, before any
  // rounding. Throws BadInput, with the value and the index of its voxel, otherwise.
  void read_labels(const std::function<void(std::span<const std::uint8_t>)>& sink);
  // The same for masks of one label: 1 where the value is above 0, else 0. Throws BadInput where it
  // is not a number. Says which values there are beside 0 and one above it.
  struct OddValues {
    std::optional<double> below;  // 0: the first
    std::vector<double> above;    // 0: the first two that differ; else empty
  };
  OddValues read_foreground(const std::function<void(std::span<const std::uint8_t>)>& sink);

 private:
  ByteReader bytes_;  // at the first voxel
  Threads threads_;
  Header header_;
  std::vector<ValueHash> values_;  // of each channel; none unless hashed
};

// Writes an image as SPEC 3 says, front to back. Throws MachineError, also when more or fewer
// voxels are written than the geometry has.
class ImageWriter {
 public:
  // Throws BadInput when NIfTI-1 cannot hold the geometry (make_header).
  ImageWriter(OutputFile& file, const Geometry& geometry, DataType type,
              Compression compression = Compression::balanced, Threads threads = Threads::one);
  // Of voxels stored as those of an image with this header.
  ImageWriter(OutputFile& file, const Geometry& geometry, const Header& stored_as,
              Compression compression, Threads threads = Threads::one);
  // A file of its own, under a temporary name until commit(). channels: of a 4-D image, which are
  // written one after the other.
  ImageWriter(const std::filesystem::path& path, const Geometry& geometry, DataType type,
              Compression compression = Compression::balanced, std::int64_t channels = 1);

  void write(std::span<const float> values);         // type float32
  void write(std::span<const std::uint8_t> values);  // type uint8
  void write_stored(std::span<const std::byte> voxels);

  // All voxels must have been written.
  void finish();
  void commit() { file_->commit(); }
  AtomicFile& file() { return *file_; }  // for those who commit several at once

 private:
  void write_bytes(std::span<const std::byte> bytes);

  void begin(const Geometry& geometry, DataType type, double slope = 1, double inter = 0,
             std::int64_t channels = 1);

  std::unique_ptr<AtomicFile> file_;  // its own, if it has one
  GzipWriter gzip_;
  std::uint64_t expected_bytes_ = 0, written_bytes_ = 0;
};

}  // namespace nicohort
