#include "image/image_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>

#include "base/problem.hpp"
#include "image/byte_order.hpp"
#include "raw_header.hpp"

namespace nicohort {
namespace {

using test::image;
using test::save;
using test::TemporaryFolder;
using test::valid_header;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<float> values_of(const std::filesystem::path& path) {
  std::vector<float> values;
  ImageReader(path).read_values([&](std::span<const float> piece) {
    values.insert(values.end(), piece.begin(), piece.end());
  });
  return values;
}

std::vector<std::uint8_t> labels_of(const std::filesystem::path& path) {
  std::vector<std::uint8_t> labels;
  ImageReader(path).read_labels([&](std::span<const std::uint8_t> piece) {
    labels.insert(labels.end(), piece.begin(), piece.end());
  });
  return labels;
}

template <class T>
void write(const std::filesystem::path& path, const Geometry& geometry, DataType type,
           const std::vector<T>& values, std::size_t piece) {
  ImageWriter writer(path, geometry, type);
  for (std::size_t at = 0; at < values.size(); at += piece)
    writer.write(std::span(values).subspan(at, std::min(piece, values.size() - at)));
  writer.finish();
  writer.commit();
}

std::vector<std::int16_t> counting_voxels() {
  std::vector<std::int16_t> voxels(24);
  for (int i = 0; i < 24; ++i) voxels[i] = static_cast<std::int16_t>(i * 10);
  return voxels;
}

RC_GTEST_PROP(Spec3Image, WrittenValuesAndLabelsComeBack, ()) {
  const TemporaryFolder folder;
  Geometry geometry;
  geometry.size = {*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40), *rc::gen::inRange(1, 90)};
  const auto voxels = static_cast<std::size_t>(geometry.size.voxels());
  const auto piece = *rc::gen::inRange<std::size_t>(1, voxels + 1);
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();

  std::vector<float> values(voxels);
  std::vector<std::uint8_t> labels(voxels);
  std::uint32_t state = seed;
  for (std::size_t i = 0; i < voxels; ++i) {
    state = state * 1664525U + 1013904223U;
    values[i] = static_cast<float>(state >> 8) - 1e6F;
    labels[i] = static_cast<std::uint8_t>(state >> 24);
  }
  write(folder / "volume.nii.gz", geometry, DataType::float32, values, piece);
  write(folder / "mask.nii.gz", geometry, DataType::uint8, labels, piece);
  RC_ASSERT(values_of(folder / "volume.nii.gz") == values);
  RC_ASSERT(labels_of(folder / "mask.nii.gz") == labels);
  const Header header = read_header(folder / "mask.nii.gz", true);
  RC_ASSERT(header.geometry.size == geometry.size);
  RC_ASSERT(header.geometry.affine == geometry.affine);
}

TEST(Spec3Image, VolumesOfManyPiecesComeWhole) {
  const TemporaryFolder folder;
  auto raw = valid_header<nifti_1_header>();
  raw.dim[1] = 101, raw.dim[2] = 103,
  raw.dim[3] = 47;  // 489 k voxels: four pieces, the last not full
  std::vector<std::int16_t> voxels(101 * 103 * 47);
  for (std::size_t i = 0; i < voxels.size(); ++i) voxels[i] = static_cast<std::int16_t>(i * 7919);
  save(folder / "a.nii", image(raw, voxels));
  const auto values = values_of(folder / "a.nii");
  EXPECT_EQ(values, std::vector<float>(voxels.begin(), voxels.end()));
  voxels.assign(voxels.size(), 255);
  voxels[400000] = 256;
  save(folder / "a.nii", image(raw, voxels));
  EXPECT_THAT([&] { labels_of(folder / "a.nii"); },
              ThrowsMessage<BadInput>(HasSubstr("256 at voxel (40, 46, 38)")));
}

TEST(Spec3Image, ScalingIsDoneInDouble) {
  const TemporaryFolder folder;
  auto raw = valid_header<nifti_1_header>();
  raw.scl_slope = 0.1F, raw.scl_inter = 1000.3F;
  save(folder / "a.nii", image(raw, counting_voxels()));
  const auto values = values_of(folder / "a.nii");
  for (int i = 0; i < 24; ++i)
    EXPECT_EQ(values[i], static_cast<float>(i * 10 * double{0.1F} + double{1000.3F}));
}

TEST(Spec3Image, OtherByteOrder) {
  const TemporaryFolder folder;
  auto raw = valid_header<nifti_1_header>();
  auto voxels = counting_voxels();
  for (auto& voxel : voxels) voxel = byte_swapped(voxel);
  raw.sizeof_hdr = byte_swapped(raw.sizeof_hdr), raw.datatype = byte_swapped(raw.datatype);
  raw.vox_offset = byte_swapped(raw.vox_offset);
  for (int i = 0; i < 8; ++i)
    raw.dim[i] = byte_swapped(raw.dim[i]), raw.pixdim[i] = byte_swapped(raw.pixdim[i]);
  save(folder / "a.nii", image(raw, voxels));
  const auto expected = counting_voxels();
  EXPECT_EQ(values_of(folder / "a.nii"), std::vector<float>(expected.begin(), expected.end()));
}

TEST(Spec3Damage, EveryTruncationIsAProblem) {
  const TemporaryFolder folder;
  Geometry geometry;
  geometry.size = {4, 3, 2};
  const std::vector<std::uint8_t> labels(24, 7);
  write(folder / "whole.nii.gz", geometry, DataType::uint8, labels, 24);
  std::ifstream file(folder / "whole.nii.gz", std::ios::binary);
  const std::vector<char> packed{std::istreambuf_iterator<char>(file), {}};
  const auto plain = image(valid_header<nifti_1_header>(), counting_voxels());
  const auto expect_problem = [&](std::span<const std::byte> bytes) {
    save(folder / "part.nii.gz", bytes);
    EXPECT_THROW(read_header(folder / "part.nii.gz"), BadInput) << bytes.size();
    EXPECT_THROW(labels_of(folder / "part.nii.gz"), BadInput) << bytes.size();
  };
  for (std::size_t length = 0; length < packed.size(); ++length)
    expect_problem(std::as_bytes(std::span(packed).first(length)));
  for (std::size_t length = 0; length < plain.size(); ++length)
    expect_problem(std::span(plain).first(length));
  EXPECT_NO_THROW(read_header(folder / "whole.nii.gz", true));
}

TEST(Spec3Damage, BothLengthsAreInTheMessage) {
  const TemporaryFolder folder;
  auto bytes = image(valid_header<nifti_1_header>(), counting_voxels());  // 400 bytes
  bytes.resize(404);
  save(folder / "a.nii", bytes);
  EXPECT_THAT([&] { read_header(folder / "a.nii"); },
              ThrowsMessage<BadInput>(AllOf(HasSubstr("400"), HasSubstr("404"))));
  bytes.resize(396);
  save(folder / "a.nii", bytes);
  EXPECT_THAT([&] { values_of(folder / "a.nii"); },
              ThrowsMessage<BadInput>(AllOf(HasSubstr("400"), HasSubstr("396"))));
}

TEST(Spec3Labels, OnlyWholeNumbersFrom0To255) {
  const TemporaryFolder folder;
  auto raw = valid_header<nifti_1_header>();
  raw.datatype = 64;
  std::vector<double> voxels(24, 255);
  voxels[0] = -0.0;
  save(folder / "a.nii", image(raw, voxels));
  std::vector<std::uint8_t> expected(24, 255);
  expected[0] = 0;
  EXPECT_EQ(labels_of(folder / "a.nii"), expected);
  for (double bad : {0.5, 255.5, 256.0, -1.0, HUGE_VAL, std::nan("")}) {
    voxels[23] = bad;
    save(folder / "a.nii", image(raw, voxels));
    EXPECT_THAT([&] { labels_of(folder / "a.nii"); },
                ThrowsMessage<BadInput>(HasSubstr("at voxel (3, 2, 1)")));
  }
}

// counting_voxels() as two channels of 4 × 3 × 1 voxels, or as many as dim says.
std::filesystem::path save_channels(const TemporaryFolder& folder, std::array<int, 5> dim) {
  auto raw = valid_header<nifti_1_header>();
  raw.dim[0] = static_cast<short>(dim[0]);
  for (int i = 1; i < 5; ++i) raw.dim[i + 1] = static_cast<short>(dim[i]);
  raw.dim[1] = 4;
  const auto path = folder / "channels.nii";
  save(path, image(raw, counting_voxels()));
  return path;
}

TEST(Spec5Channels, AreReadOneAfterTheOther) {
  const TemporaryFolder folder;
  for (const auto& dim : {std::array{4, 3, 1, 2, 1}, std::array{5, 3, 1, 1, 2}}) {
    const auto path = save_channels(folder, dim);
    ImageReader reader(path, true, 2);
    EXPECT_EQ(reader.header().geometry.size, (Size3{4, 3, 1}));
    std::vector<std::vector<float>> values(2);
    std::size_t stored = 0;
    reader.read_channels([&](const ImageReader::Piece& piece) {
      std::vector<float>& of_channel = values.at(piece.channel);
      of_channel.insert(of_channel.end(), piece.values.begin(), piece.values.end());
      stored += piece.stored.size();
    });
    EXPECT_EQ(stored, 48u);
    for (std::size_t channel = 0; channel < 2; ++channel) {
      ASSERT_EQ(values[channel].size(), 12u);
      ValueHash hash;
      hash.update(values[channel]);
      EXPECT_EQ(reader.value_hash(channel), hash.digest());
      for (std::size_t i = 0; i < 12; ++i)
        EXPECT_EQ(values[channel][i], float(120 * channel + 10 * i));
    }
    std::vector<float> first;
    ImageReader(path, false, 2).read_values([&](std::span<const float> piece) {
      first.insert(first.end(), piece.begin(), piece.end());
    });
    EXPECT_EQ(first, values[0]);
  }
}

TEST(Spec5Channels, AreAsManyAsAreExpected) {
  const TemporaryFolder folder;
  const auto path = save_channels(folder, {4, 3, 1, 2, 1});
  const auto fault = [](const std::filesystem::path& file, std::int64_t channels) {
    try {
      read_header(file, true, channels);
    } catch (const BadInput& bad) {
      return std::string(bad.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault(path, 2), "");
  EXPECT_THAT(fault(path, 1), HasSubstr("holds more than one volume (2 along dim[4])"));
  EXPECT_THAT(fault(path, 3), HasSubstr("holds 2 volumes, but the recipe names 3 channels"));
  EXPECT_THAT(fault(save_channels(folder, {5, 3, 1, 2, 2}), 4),
              HasSubstr("holds volumes along two dimensions (dim[4] and dim[5])"));
  EXPECT_THAT(fault(save_channels(folder, {3, 3, 2, 1, 1}), 2), HasSubstr("holds 1 volume, but"));
}

TEST(Spec5Foreground, IsWhatIsAbove0) {
  const TemporaryFolder folder;
  auto raw = valid_header<nifti_1_header>();
  raw.datatype = 16;
  raw.bitpix = 32;
  std::vector<float> voxels(24);
  voxels[1] = 0.25F;
  voxels[2] = -1;
  voxels[3] = 255;
  ImageReader::OddValues odd;
  const auto read = [&] {
    std::vector<std::uint8_t> labels;
    save(folder / "mask.nii", image(raw, voxels));
    ImageReader reader(folder / "mask.nii");
    odd = reader.read_foreground([&](std::span<const std::uint8_t> piece) {
      labels.insert(labels.end(), piece.begin(), piece.end());
    });
    return labels;
  };
  std::vector<std::uint8_t> wanted(24);
  wanted[1] = wanted[3] = 1;
  EXPECT_EQ(read(), wanted);
  EXPECT_EQ(odd.below, -1);
  EXPECT_EQ(odd.above, (std::vector<double>{0.25, 255}));
  raw.scl_slope = -1;  // values have their sign from the header
  wanted = std::vector<std::uint8_t>(24);
  wanted[2] = 1;
  EXPECT_EQ(read(), wanted);
  voxels[5] = NAN;
  EXPECT_THAT(read, ThrowsMessage<BadInput>(HasSubstr("has the value nan at voxel (1, 1, 0)")));
}

TEST(Spec3Write, TheNumberOfVoxelsIsChecked) {
  const TemporaryFolder folder;
  Geometry geometry;
  geometry.size = {2, 2, 2};
  const std::vector<std::uint8_t> labels(9, 1);
  {
    ImageWriter writer(folder / "a.nii.gz", geometry, DataType::uint8);
    writer.write(std::span(labels).first(7));
    EXPECT_THROW(writer.finish(), MachineError);
  }
  ImageWriter writer(folder / "a.nii.gz", geometry, DataType::uint8);
  EXPECT_THROW(writer.write(std::span(labels)), MachineError);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.nii.gz"));
}

}  // namespace
}  // namespace nicohort
