#include "image/header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "base/problem.hpp"
#include "image/byte_order.hpp"
#include "raw_header.hpp"

namespace nicohort {
namespace {

using test::bytes_of_object;
using test::valid_header;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// The other byte order, for the fields that a header is judged by.
template <class RawHeader>
RawHeader swapped(RawHeader raw) {
  const auto swap = [](auto& field) {
    auto value = field;
    field = byte_swapped(value);
  };
  swap(raw.sizeof_hdr), swap(raw.datatype), swap(raw.bitpix), swap(raw.vox_offset);
  swap(raw.scl_slope), swap(raw.scl_inter), swap(raw.qform_code), swap(raw.sform_code);
  for (int i = 0; i < 8; ++i) {
    auto dim = raw.dim[i];
    auto pixdim = raw.pixdim[i];
    raw.dim[i] = byte_swapped(dim), raw.pixdim[i] = byte_swapped(pixdim);
  }
  return raw;
}

template <class RawHeader>
class Spec3Read : public ::testing::Test {};
using BothVersions = ::testing::Types<nifti_1_header, nifti_2_header>;
TYPED_TEST_SUITE(Spec3Read, BothVersions);

TYPED_TEST(Spec3Read, TakesBothByteOrders) {
  auto raw = valid_header<TypeParam>();
  raw.scl_slope = 2, raw.scl_inter = -3;
  for (bool other_order : {false, true}) {
    const Header header = parse_header(bytes_of_object(other_order ? swapped(raw) : raw));
    EXPECT_EQ(header.swapped, other_order);
    EXPECT_EQ(header.geometry.size, (Size3{4, 3, 2}));
    EXPECT_EQ(header.geometry.spacing, (std::array<double, 3>{0.5, 1, 2}));
    EXPECT_EQ(header.geometry.spacing_is_float, sizeof raw == 348);
    EXPECT_EQ(header.type, DataType::int16);
    EXPECT_EQ(header.slope, 2);
    EXPECT_EQ(header.inter, -3);
    EXPECT_EQ(header.file_bytes(), sizeof raw + 4 + 48);
    // Without sform and qform: the centre of the box is the origin, x runs to the left.
    EXPECT_EQ(transform_json(header.geometry.affine),
              "[[-0.5,0,0,0.75],[0,1,0,-1],[0,0,2,-1],[0,0,0,1]]");
  }
}

TYPED_TEST(Spec3Read, ASlopeOfZeroOrNotFiniteMeansNone) {
  auto raw = valid_header<TypeParam>();
  for (double slope : {0.0, HUGE_VAL, -HUGE_VAL, std::nan("")}) {
    raw.scl_slope = static_cast<decltype(+raw.scl_slope)>(slope), raw.scl_inter = 5;
    EXPECT_EQ(parse_header(bytes_of_object(raw)).slope, 0);
  }
  raw.scl_slope = 1, raw.scl_inter = std::numeric_limits<float>::infinity();
  EXPECT_THAT([&] { parse_header(bytes_of_object(raw)); },
              ThrowsMessage<BadInput>(HasSubstr("scl_inter")));
}

TYPED_TEST(Spec3Read, SformGoesBeforeQform) {
  auto raw = valid_header<TypeParam>();
  raw.srow_x[0] = 3, raw.srow_y[1] = 3, raw.srow_z[2] = 3;
  raw.qform_code = 1;
  raw.pixdim[0] = -1;
  EXPECT_EQ(parse_header(bytes_of_object(raw)).geometry.affine(2, 2), -2);
  raw.pixdim[0] = 0;  // as good as 1
  EXPECT_EQ(parse_header(bytes_of_object(raw)).geometry.affine(2, 2), 2);
  raw.sform_code = 6;  // not in the standard: unknown
  EXPECT_EQ(parse_header(bytes_of_object(raw)).geometry.affine(0, 0), 0.5);
  raw.sform_code = 5;
  EXPECT_EQ(parse_header(bytes_of_object(raw)).geometry.affine(0, 0), 3);
}

TYPED_TEST(Spec3Read, EveryTruncationOfTheHeaderIsAProblem) {
  const auto bytes = bytes_of_object(valid_header<TypeParam>());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(parse_header(std::span(bytes).first(length)), BadInput) << length;
}

TYPED_TEST(Spec3Read, ImpossibleHeadersAreNamed) {
  const auto expect = [](auto change, const char* words) {
    auto raw = valid_header<TypeParam>();
    change(raw);
    EXPECT_THAT([&] { parse_header(bytes_of_object(raw)); },
                ThrowsMessage<BadInput>(HasSubstr(words)));
  };
  expect([](auto& raw) { raw.dim[0] = 2; }, "not a 3-D image");
  expect([](auto& raw) { raw.dim[0] = 8; }, "dim[0]");
  expect([](auto& raw) { raw.dim[2] = 0; }, "dim[2]");
  expect([](auto& raw) { raw.dim[0] = 5, raw.dim[5] = 2; }, "more than one volume");
  expect([](auto& raw) { raw.dim[1] = raw.dim[2] = raw.dim[3] = 32767; }, "2^40");
  expect([](auto& raw) { raw.datatype = 128; }, "RGB24 (datatype 128)");
  expect([](auto& raw) { raw.datatype = 3; }, "unknown (datatype 3)");
  expect([](auto& raw) { raw.vox_offset = 340; }, "vox_offset");
  expect([](auto& raw) { raw.pixdim[3] = 0; }, "pixdim[3]");
  expect([](auto& raw) { raw.pixdim[1] = std::numeric_limits<float>::quiet_NaN(); }, "pixdim[1]");
  expect([](auto& raw) { raw.sform_code = 1; }, "singular");
  expect([](auto& raw) { raw.qform_code = 1, raw.quatern_b = raw.quatern_c = 1; }, "quaternion");
  expect([](auto& raw) { raw.magic[1] = 'i'; }, "two-file image");
  expect([](auto& raw) { raw.magic[0] = 0; }, "Analyze");
  expect([](auto& raw) { raw.sizeof_hdr = 347; }, "not a NIfTI image");
}

// Whatever the bytes, there is a header or a BadInput.
RC_GTEST_PROP(Spec3ReadFuzz, DamagedHeadersNeverCrash, ()) {
  auto bytes = *rc::gen::arbitrary<bool>() ? bytes_of_object(valid_header<nifti_1_header>())
                                           : bytes_of_object(valid_header<nifti_2_header>());
  for (int i = *rc::gen::inRange(1, 8); i > 0; --i)
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
        std::byte(*rc::gen::arbitrary<std::uint8_t>());
  try {
    const Header header = parse_header(bytes);
    RC_ASSERT(header.data_bytes() > 0U);
    RC_ASSERT(header.data_bytes() <= std::uint64_t{1} << 40);
    RC_ASSERT(!transform_json(header.geometry.affine).empty());
    RC_ASSERT(orientation_to(header.geometry.affine).size() >= 3U);
  } catch (const BadInput&) {
  }
}

TEST(Spec3Write, FillsTheFieldsAndNoText) {
  Geometry geometry;
  geometry.size = {5, 6, 7};
  geometry.affine.diagonal() << -0.75, 0.75, -5, 1;
  geometry.sform_code = 1;
  const auto bytes = make_header(geometry, DataType::float32);
  ASSERT_EQ(bytes.size(), 352U);
  nifti_1_header raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  EXPECT_THAT(raw.dim, testing::ElementsAre(3, 5, 6, 7, 1, 1, 1, 1));
  EXPECT_THAT(raw.pixdim, testing::ElementsAre(1, 0.75F, 0.75F, 5, 1, 1, 1, 1));
  EXPECT_EQ(raw.datatype, 16);
  EXPECT_EQ(raw.bitpix, 32);
  EXPECT_EQ(raw.vox_offset, 352);
  EXPECT_EQ(raw.scl_slope, 1);
  EXPECT_EQ(raw.scl_inter, 0);
  EXPECT_EQ(raw.xyzt_units, NIFTI_UNITS_MM);
  EXPECT_EQ(raw.sform_code, 1);
  EXPECT_EQ(raw.qform_code, 2);
  EXPECT_STREQ(raw.magic, "n+1");
  EXPECT_THAT(raw.descrip, testing::Each('\0'));
  EXPECT_THAT(raw.db_name, testing::Each('\0'));
}

// A half turn about (1, 1, 0): rounding 1/sqrt(2) to float32 alone would leave a turn 2.6e-4 off.
TEST(Spec3Write, TheQuaternionOfAHalfTurnIsExactToFloat32) {
  Geometry geometry;
  geometry.size = {4, 3, 2};
  geometry.affine << 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1;
  const auto bytes = make_header(geometry, DataType::uint8);
  nifti_1_header raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  const Affine read_back = from_quaternion(
      {raw.quatern_b, raw.quatern_c, raw.quatern_d, raw.pixdim[0]}, {1, 1, 1}, {0, 0, 0});
  EXPECT_LT((read_back - geometry.affine).cwiseAbs().maxCoeff(), 3e-7);
}

TEST(Spec3Write, WhatDoesNotFitIsAProblem) {
  Geometry geometry;
  geometry.size = {32767, 1, 1};
  EXPECT_NO_THROW(make_header(geometry, DataType::uint8));
  geometry.size.x = 32768;
  EXPECT_THAT([&] { make_header(geometry, DataType::uint8); },
              ThrowsMessage<BadInput>(HasSubstr("32767")));
  geometry.size.x = 1;
  geometry.affine(0, 3) = 1e300;  // beyond float32
  EXPECT_THROW(make_header(geometry, DataType::uint8), BadInput);
}

}  // namespace
}  // namespace nicohort
