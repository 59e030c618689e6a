// The made-up chest looks like one to a program, too: CT values where they belong.
#include "phantom/phantom.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "phantom/clinical.hpp"
#include "phantom/sample.hpp"

namespace nicohort {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::Lt;

struct Scan {
  Geometry geometry;
  std::vector<std::int16_t> hu;
  std::vector<Tissue> tissue;

  double voxel(double x, double y, double z) const {
    const Eigen::Vector4d p = geometry.affine.inverse() * Eigen::Vector4d(x, y, z, 1);
    const auto i = std::lround(p.x()), j = std::lround(p.y()), k = std::lround(p.z());
    return hu.at(std::size_t(i + geometry.size.x * (j + geometry.size.y * k)));
  }
  // Mean CT value in a cube of 5 mm around a point.
  double at(double x, double y, double z) const {
    double sum = 0;
    for (double dx : {-2.0, 0.0, 2.0})
      for (double dy : {-2.0, 0.0, 2.0})
        for (double dz : {-2.0, 0.0, 2.0}) sum += voxel(x + dx, y + dy, z + dz);
    return sum / 27;
  }
  std::int64_t count(Tissue wanted) const {
    return std::count(tissue.begin(), tissue.end(), wanted);
  }
};

// `axes`: signs of the voxel axes.
Scan scan(const PhantomOptions& options, std::array<int, 3> axes = {-1, 1, 1},
          Size3 size = {190, 190, 60}) {
  Scan scan;
  scan.geometry.size = size;
  const Eigen::Vector3d spacing(380.0 / double(size.x), 380.0 / double(size.y),
                                240.0 / double(size.z));
  const Eigen::Vector3d last(double(size.x - 1), double(size.y - 1), double(size.z - 1));
  for (int i = 0; i < 3; ++i) {
    scan.geometry.affine(i, i) = axes[std::size_t(i)] * spacing[i];
    scan.geometry.affine(i, 3) = -scan.geometry.affine(i, i) * last[i] / 2;
  }
  const auto in_slice = std::size_t(size.x * size.y);
  scan.hu.resize(std::size_t(size.voxels()));
  scan.tissue.resize(scan.hu.size());
  const Phantom phantom(options);
  for (std::int64_t k = 0; k < size.z; ++k)
    phantom.slice(scan.geometry, k, std::span(scan.hu).subspan(std::size_t(k) * in_slice, in_slice),
                  std::span(scan.tissue).subspan(std::size_t(k) * in_slice, in_slice));
  return scan;
}

TEST(Phantom, HasTheCtValuesOfAChest) {
  for (const std::uint64_t patient : {1u, 2u, 3u, 40u}) {
    const PhantomOptions options{.patient = patient, .scan = patient};
    const Scan s = scan(options);
    EXPECT_THAT(s.at(0, 170, 0), AllOf(Ge(-1024), Lt(-950))) << "air in front";
    EXPECT_THAT(s.at(2, -8, 80), Lt(-850)) << "trachea";
    EXPECT_THAT(s.at(-24, -41, -40), AllOf(Gt(100), Lt(220))) << "descending aorta with contrast";
    EXPECT_THAT(s.at(-45, 18, -50), AllOf(Gt(80), Lt(220))) << "left ventricle";
    EXPECT_THAT(s.at(0, -57, 3), AllOf(Gt(60), Lt(500))) << "vertebra or disc";
    EXPECT_THAT(s.at(70, 0, -100), AllOf(Gt(90), Lt(135))) << "liver, on the right";
    // Vessels are in the way here and there, so the median of single voxels of the right lung.
    std::vector<double> lung;
    for (double x = 50; x < 95; x += 2)
      for (double y = -40; y < 40; y += 2) lung.push_back(s.voxel(x, y, 20));
    const auto middle = lung.begin() + std::ptrdiff_t(lung.size() / 2);
    std::nth_element(lung.begin(), middle, lung.end());
    EXPECT_THAT(*middle, AllOf(Gt(-920), Lt(-800))) << "lung";
    EXPECT_GT(*std::max_element(s.hu.begin(), s.hu.end()), 500) << "bone";
    EXPECT_GE(*std::min_element(s.hu.begin(), s.hu.end()), -1024);
  }
}

TEST(Phantom, TumourSitsOnTheOesophagus) {
  const PhantomOptions options{.patient = 5, .scan = 5, .tumour = {8, 25, 10}};
  const Scan s = scan(options);
  const Phantom phantom(options);
  double sum = 0;
  for (std::int64_t k = 0, i = 0; k < s.geometry.size.z; ++k)
    for (std::int64_t y = 0; y < s.geometry.size.y; ++y)
      for (std::int64_t x = 0; x < s.geometry.size.x; ++x, ++i) {
        if (s.tissue[std::size_t(i)] != Tissue::tumour) continue;
        const Eigen::Vector4d p =
            s.geometry.affine * Eigen::Vector4d(double(x), double(y), double(k), 1);
        const auto [cx, cy] = phantom.oesophagus(float(p.z()));
        ASSERT_LT(std::hypot(p.x() - cx, p.y() - cy), 7.5 + 10 * 1.2);
        ASSERT_LT(std::abs(p.z() - 8), 25);
        sum += s.hu[std::size_t(i)];
      }
  const auto voxels = double(s.count(Tissue::tumour));
  ASSERT_GT(voxels, 500);
  EXPECT_THAT(sum / voxels, AllOf(Gt(55), Lt(90))) << "mean HU of the tumour";
  EXPECT_GT(s.count(Tissue::lumen), 0);
  EXPECT_GT(s.count(Tissue::rim), 0);
}

TEST(Phantom, IsTheSamePatientInEveryGrid) {
  const PhantomOptions options{.patient = 9, .scan = 9, .noise = 0};
  const Scan a = scan(options), b = scan(options, {1, -1, -1});
  // Grids are symmetric, so the flipped one has the same points in opposite order along each axis.
  const Size3& n = a.geometry.size;
  int worst = 0;
  for (std::int64_t k = 0; k < n.z; ++k)
    for (std::int64_t y = 0; y < n.y; ++y)
      for (std::int64_t x = 0; x < n.x; ++x) {
        const auto i = std::size_t(x + n.x * (y + n.y * k));
        const auto j = std::size_t(n.x - 1 - x + n.x * (n.y - 1 - y + n.y * (n.z - 1 - k)));
        worst = std::max(worst, std::abs(a.hu[i] - b.hu[j]));
      }
  EXPECT_LE(worst, 30) << "float rounding at an edge at most";
}

TEST(Phantom, NoiseHasTheAskedStrengthAndRepeats) {
  PhantomOptions options{.patient = 3, .scan = 11, .noise = 0};
  const Scan clean = scan(options, {-1, 1, 1}, {128, 128, 10});
  options.noise = 15;
  const Scan noisy = scan(options, {-1, 1, 1}, {128, 128, 10});
  EXPECT_EQ(noisy.hu, scan(options, {-1, 1, 1}, {128, 128, 10}).hu);
  double sum = 0, squares = 0, neighbours = 0;
  std::size_t n = 0;
  for (std::size_t i = 1; i < clean.hu.size(); ++i) {
    if (clean.hu[i] < -900 || clean.hu[i - 1] < -900) continue;  // clipped at -1024
    const double d = noisy.hu[i] - clean.hu[i], before = noisy.hu[i - 1] - clean.hu[i - 1];
    sum += d, squares += d * d, neighbours += d * before, ++n;
  }
  ASSERT_GT(n, 10000u);
  EXPECT_NEAR(sum / double(n), 0, 0.5);
  EXPECT_NEAR(std::sqrt(squares / double(n)), 15, 1);
  EXPECT_NEAR(neighbours / squares, 2.0 / 3, 0.05)
      << "correlation of neighbours under the 1-2-1 blur";
  options.scan = 12;
  EXPECT_NE(noisy.hu, scan(options, {-1, 1, 1}, {128, 128, 10}).hu);
}

std::int64_t labelled(const StoredImage& mask) {
  return std::count(mask.values.begin(), mask.values.end(), 1);
}

double mm3(const StoredSample& sample) {
  double voxel = 1;
  for (std::size_t i = 1; i <= 3; ++i)
    voxel *= get<float>(sample.mask.header, nifti1::pixdim + 4 * i);
  return voxel * double(labelled(sample.mask));
}

TEST(Sample, TumourShrinksAndMostAfterACompleteResponse) {
  for (const Site site : all_sites)
    for (int index = 0; index < 4; ++index) {
      const Patient patient = make_patient(0, site, index);
      const double before = mm3(make_sample(patient, Phase::pre, {96, 96, 40}));
      const double after = mm3(make_sample(patient, Phase::post, {96, 96, 40}));
      EXPECT_GT(after, 0) << patient.pid;
      EXPECT_LT(after, before) << patient.pid;
      if (patient.regression_grade == 0) {
        EXPECT_LT(after, 0.45 * before) << patient.pid;
      }
    }
}

// Share of the mask that thresholding to [-140, 1000] takes away.
double share_outside(const StoredSample& sample) {
  std::int64_t outside = 0;
  for (std::size_t i = 0; i < sample.mask.values.size(); ++i)
    outside += sample.mask.values[i] != 0 &&
               (sample.volume.values[i] < -140 || sample.volume.values[i] > 1000);
  return double(outside) / double(labelled(sample.mask));
}

TEST(Sample, XiangyangOutlinesMostAirAndTongjiLeast) {
  std::array<double, 3> share{};
  for (const Site site : all_sites)
    for (int index = 0; index < 6; ++index)
      share[std::size_t(site)] +=
          share_outside(make_sample(make_patient(1, site, index), Phase::pre, {160, 160, 40})) / 6;
  EXPECT_LT(share[0], share[1]);
  EXPECT_LT(share[1], share[2]);
  EXPECT_GT(share[2], 0.01);
  EXPECT_GT(share[2], 2 * share[0]);
  EXPECT_LT(share[0], 0.01);
}

}  // namespace
}  // namespace nicohort
