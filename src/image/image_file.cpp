#include "image/image_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/problem.hpp"
#include "image/byte_order.hpp"

namespace nicohort {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

[[noreturn]] void throw_truncated(const Header& header, std::uint64_t found) {
  throw BadInput(
      ProblemKind::unreadable_file,
      fmt::format(
          "is truncated: its header requires {} bytes, but it has {}; copy or export it again",
          header.file_bytes(), found));
}

[[noreturn]] void throw_too_long(const Header& header, std::string_view at_least,
                                 std::uint64_t found) {
  throw BadInput(ProblemKind::unreadable_file,
                 fmt::format("does not match its header: the header requires {} bytes, the file "
                             "has {}{}; export it again",
                             header.file_bytes(), at_least, found));
}

// Fills `into` with the bytes from `position` (in the inflated file) on, where the reader stands.
void read_fully(ByteReader& bytes, std::span<std::byte> into, std::uint64_t position,
                const Header& header) {
  if (const std::size_t got = bytes.read(into); got < into.size())
    throw_truncated(header, position + got);
}

void skip(ByteReader& bytes, std::uint64_t from, std::uint64_t to, const Header& header) {
  std::vector<std::byte> piece(std::min<std::uint64_t>(piece_bytes, to - from));
  for (std::uint64_t at = from; at < to; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(piece.size(), to - at));
    read_fully(bytes, piece, at, header);
  }
}

// The file must end where its header says. Reading the end is also what checks a gzip checksum.
// What goes on beyond is counted for the message only a little further: it may be a gzip bomb.
void expect_end(ByteReader& bytes, const Header& header) {
  std::byte one{};
  if (bytes.read({&one, 1}) == 0) return;
  std::vector<std::byte> more(piece_bytes);
  const std::size_t got = bytes.read(more);
  throw_too_long(header, got < more.size() ? "" : "at least ", header.file_bytes() + 1 + got);
}

// Reads the header and moves on to the first voxel.
Header read_start(ByteReader& bytes, std::int64_t channels) {
  constexpr std::size_t shortest_start = 348 + extension_flag_bytes;
  std::array<std::byte, longest_header + extension_flag_bytes> start{};
  std::size_t got = bytes.read(std::span(start).first(shortest_start));
  if (got == shortest_start && stated_header_bytes(start) == longest_header)
    got += bytes.read(std::span(start).subspan(got));
  Header header = parse_header(std::span(start).first(got), channels);
  if (!bytes.is_gzip() && bytes.file_bytes() < header.file_bytes())
    throw_truncated(header, bytes.file_bytes());
  if (!bytes.is_gzip() && bytes.file_bytes() > header.file_bytes())
    throw_too_long(header, "", bytes.file_bytes());
  if (got < header.data_offset) skip(bytes, got, header.data_offset, header);
  return header;
}

// Calls `use` with pieces of the voxels as stored, but in this machine's byte order, and the number
// of voxels before each. No piece is of two channels.
template <class T, class Use>
void read_pieces(ByteReader& bytes, const Header& header, Threads threads, Use&& use) {
  const std::uint64_t in_channel = header.geometry.size.voxels(),
                      voxels = in_channel * header.channels;
  const std::uint64_t most = std::min<std::uint64_t>(piece_bytes / sizeof(T), in_channel);
  std::uint64_t read = 0, used = 0;
  fill_and_use<std::vector<T>>(
      threads,
      [&](std::vector<T>& piece) {
        if (read == voxels) {
          expect_end(bytes, header);
          return false;
        }
        piece.resize(std::min(most, in_channel - read % in_channel));
        read_fully(bytes, std::as_writable_bytes(std::span(piece)),
                   header.data_offset + read * sizeof(T), header);
        if (header.swapped)
          for (T& value : piece) value = byte_swapped(value);
        read += piece.size();
        return true;
      },
      [&](const std::vector<T>& piece) {
        use(std::span<const T>(piece), used);
        used += piece.size();
      });
}

// The value of a voxel for headers with is_scaled(). An intercept of 0 becomes -0, which leaves
// every sum as it is; adding 0 would turn a value of -0 into 0.
struct Scaling {
  explicit Scaling(const Header& header)
      : slope(header.slope), inter(header.inter == 0 ? -0.0 : header.inter) {}
  template <class T>
  double operator()(T stored) const {
    return static_cast<double>(stored) * slope + inter;
  }

  double slope, inter;
};

// For headers that are not is_scaled: stored values in a type that compares fast and loses nothing
// that matters to a label.
struct AsStored {
  template <class T>
  auto operator()(T stored) const {
    constexpr bool fits_int =
        std::is_integral_v<T> && (sizeof(T) < sizeof(int) || std::is_same_v<T, int>);
    if constexpr (fits_int)
      return static_cast<int>(stored);
    else if constexpr (std::is_same_v<T, float>)
      return stored;
    else
      return static_cast<double>(stored);
  }
};

// The value of a voxel of a mask for headers with is_scaled(). Scaling leaves a label a little
// beside the whole number that was meant: 0.9999999997671694. In float32 it is that again.
struct ScaledLabel {
  Scaling scaling;
  template <class T>
  float operator()(T stored) const {
    return static_cast<float>(scaling(stored));
  }
};

// A label, which the value is. Gives false when it is not a whole number from 0 to 255.
struct ToLabel {
  static constexpr const char* wanted = "labels are whole numbers from 0 to 255";
  template <class Value>
  bool operator()(Value value, std::uint8_t& label) const {
    const Value inside = value >= 0 && value <= 255 ? value : Value{0};  // NaN is not inside
    label = static_cast<std::uint8_t>(static_cast<int>(inside));
    return static_cast<Value>(label) == value;
  }
};

// 1 where the value is above 0. Gives false when it is not a number.
struct ToForeground {
  static constexpr const char* wanted = "the voxels of a mask are numbers";
  ImageReader::OddValues* odd;

  template <class Value>
  bool operator()(Value value, std::uint8_t& label) const {
    label = value > 0;
    const auto number = static_cast<double>(value);
    if (number < 0 && !odd->below) odd->below = number;
    if (label == 1 && odd->above.size() < 2 && (odd->above.empty() || odd->above.front() != number))
      odd->above.push_back(number);
    if constexpr (std::is_floating_point_v<Value>) return !std::isnan(value);
    return true;
  }
};

template <class Value>
[[noreturn]] void throw_not_a_label(Value value, const char* wanted, std::uint64_t index,
                                    const Size3& size) {
  const std::uint64_t x = index % size.x, y = index / size.x % size.y, z = index / size.x / size.y;
  throw BadInput(ProblemKind::mask_value,
                 fmt::format("has the value {} at voxel ({}, {}, {}), but {}; correct the mask",
                             value, x, y, z, wanted));
}

template <class T, class Label, class ValueOf>
void read_labels_as(ByteReader& bytes, const Header& header, Threads threads, ValueOf value_of,
                    const Label& to_label, auto& sink) {
  std::vector<std::uint8_t> labels(piece_bytes / sizeof(T));
  read_pieces<T>(bytes, header, threads, [&](std::span<const T> piece, std::uint64_t before) {
    bool all_labels = true;
    for (std::size_t i = 0; i < piece.size(); ++i)
      all_labels &= to_label(value_of(piece[i]), labels[i]);
    if (!all_labels)
      for (std::size_t i = 0; i < piece.size(); ++i)
        if (!to_label(value_of(piece[i]), labels[i]))
          throw_not_a_label(value_of(piece[i]), Label::wanted, before + i, header.geometry.size);
    sink(std::span<const std::uint8_t>(labels).first(piece.size()));
  });
}

template <class T, class ValueOf>
void read_values_as(ByteReader& bytes, const Header& header, Threads threads, ValueOf value_of,
                    auto& sink) {
  std::vector<float> values(piece_bytes / sizeof(T));
  read_pieces<T>(bytes, header, threads, [&](std::span<const T> piece, std::uint64_t before) {
    for (std::size_t i = 0; i < piece.size(); ++i)
      values[i] = static_cast<float>(value_of(piece[i]));
    sink(std::span<const float>(values).first(piece.size()), std::as_bytes(piece), before);
  });
}

Content content_of(DataType voxels) {
  switch (voxels) {
    case DataType::float32:
      return Content::floats;
    case DataType::uint8:
      return Content::runs;
    default:
      return Content::any;
  }
}

}  // namespace

Header read_header(const std::filesystem::path& path, bool verify, std::int64_t channels) {
  ByteReader bytes(path);
  Header header = read_start(bytes, channels);
  const bool length_agrees =
      !bytes.is_gzip() ||
      bytes.last_member_length() == static_cast<std::uint32_t>(header.file_bytes());
  if (verify || !length_agrees) {
    skip(bytes, header.data_offset, header.file_bytes(), header);
    expect_end(bytes, header);
  }
  return header;
}

ImageReader::ImageReader(const std::filesystem::path& path, bool hashed, std::int64_t channels,
                         Threads threads)
    : bytes_(path, hashed), threads_(threads), header_(read_start(bytes_, channels)) {
  if (hashed) values_.resize(channels);
}

void ImageReader::read_values(const std::function<void(std::span<const float>)>& use) {
  read_channels([&](const Piece& piece) {
    if (piece.channel == 0) use(piece.values);
  });
}

void ImageReader::read_channels(const std::function<void(const Piece&)>& use) {
  const std::uint64_t in_channel = header_.geometry.size.voxels();
  auto sink = [&](std::span<const float> values, std::span<const std::byte> stored,
                  std::uint64_t before) {
    const std::size_t channel = before / in_channel;
    if (!values_.empty()) values_[channel].update(values);
    use({channel, values, stored});
  };
  with_type(header_.type, [&]<class T>(std::type_identity<T>) {
    if (header_.is_scaled())
      read_values_as<T>(bytes_, header_, threads_, Scaling(header_), sink);
    else if constexpr (std::is_same_v<T, float>)
      read_pieces<T>(bytes_, header_, threads_,
                     [&](std::span<const T> piece, std::uint64_t before) {
                       sink(piece, std::as_bytes(piece), before);
                     });
    else
      read_values_as<T>(bytes_, header_, threads_, AsStored{}, sink);
  });
}

void ImageReader::read_labels(const std::function<void(std::span<const std::uint8_t>)>& sink) {
  with_type(header_.type, [&]<class T>(std::type_identity<T>) {
    if (header_.is_scaled())
      read_labels_as<T>(bytes_, header_, threads_, ScaledLabel{Scaling(header_)}, ToLabel(), sink);
    else if constexpr (std::is_same_v<T, std::uint8_t>)
      read_pieces<T>(bytes_, header_, threads_, [&](auto piece, std::uint64_t) { sink(piece); });
    else
      read_labels_as<T>(bytes_, header_, threads_, AsStored{}, ToLabel(), sink);
  });
}

ImageReader::OddValues ImageReader::read_foreground(
    const std::function<void(std::span<const std::uint8_t>)>& sink) {
  OddValues odd;
  const ToForeground to_foreground{&odd};
  with_type(header_.type, [&]<class T>(std::type_identity<T>) {
    if (header_.is_scaled())
      read_labels_as<T>(bytes_, header_, threads_, ScaledLabel{Scaling(header_)}, to_foreground,
                        sink);
    else
      read_labels_as<T>(bytes_, header_, threads_, AsStored{}, to_foreground, sink);
  });
  if (odd.above.size() < 2) odd.above.clear();
  return odd;
}

ImageWriter::ImageWriter(OutputFile& file, const Geometry& geometry, DataType type,
                         Compression compression, Threads threads)
    : gzip_(file, compression, threads) {
  begin(geometry, type);
}

ImageWriter::ImageWriter(OutputFile& file, const Geometry& geometry, const Header& stored_as,
                         Compression compression, Threads threads)
    : gzip_(file, compression, threads) {
  if (stored_as.slope == 0)  // the values are as stored
    begin(geometry, stored_as.type);
  else
    begin(geometry, stored_as.type, stored_as.slope, stored_as.inter);
}

ImageWriter::ImageWriter(const std::filesystem::path& path, const Geometry& geometry, DataType type,
                         Compression compression, std::int64_t channels)
    : file_(std::make_unique<AtomicFile>(path)), gzip_(*file_, compression) {
  begin(geometry, type, 1, 0, channels);
}

void ImageWriter::begin(const Geometry& geometry, DataType type, double slope, double inter,
                        std::int64_t channels) {
  const std::vector<std::byte> header = make_header(geometry, type, slope, inter, channels);
  expected_bytes_ = header.size() + geometry.size.voxels() * channels * bytes_of(type);
  gzip_.expect(Content::runs);
  write_bytes(header);
  gzip_.expect(content_of(type));
}

void ImageWriter::write(std::span<const float> values) {
  write_bytes(std::as_bytes(values));
}

void ImageWriter::write(std::span<const std::uint8_t> values) {
  write_bytes(std::as_bytes(values));
}

void ImageWriter::write_stored(std::span<const std::byte> voxels) {
  write_bytes(voxels);
}

void ImageWriter::write_bytes(std::span<const std::byte> bytes) {
  written_bytes_ += bytes.size();
  if (written_bytes_ > expected_bytes_)
    throw MachineError(
        fmt::format("an image of {} bytes was given at least {}; report this as a bug",
                    expected_bytes_, written_bytes_));
  gzip_.write(bytes);
}

void ImageWriter::finish() {
  if (written_bytes_ != expected_bytes_)
    throw MachineError(fmt::format("an image of {} bytes was given only {}; report this as a bug",
                                   expected_bytes_, written_bytes_));
  gzip_.finish();
}

}  // namespace nicohort
