// A chest that does not exist: CT values and tumour of a made-up patient at any point of the
// scanner.
//
// Coordinates are RAS+ mm from the middle of the chest; the carina is at z = 38 mm. All shapes are
// functions of these coordinates, so every voxel grid shows the same patient.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "image/geometry.hpp"
#include "phantom/row_painter.hpp"

namespace nicohort {

// A thickening of the oesophageal wall.
struct Tumour {
  float z = 0;             // its middle, mm
  float half_length = 28;  // along z, mm
  float thickness = 10;    // of the wall in the middle, beyond the healthy wall, mm
};

// What a voxel means to somebody who outlines the tumour.
enum class Tissue : std::uint8_t {
  other = 0,
  tumour = 1,
  lumen = 2,  // air in the passage within the tumour, and the voxels that it fills in part
  rim = 3,    // outside, but near enough to be outlined by mistake
};

struct PhantomOptions {
  std::uint64_t patient = 0;  // decides the build of the body
  std::uint64_t scan = 0;     // decides the noise
  Tumour tumour{};
  float noise = 12;  // standard deviation, HU
};

class Phantom {
 public:
  explicit Phantom(const PhantomOptions& options);

  // Slice k of an image whose voxel (0,0,0) is at affine·(0,0,0,1) from the middle of the chest: CT
  // values in HU (-1024 to 3071) and tissues, x fastest, size x·y each. Voxel rows must run along
  // the world's x axis: the affine may be flipped and tilted around x, nothing else. Safe to call
  // from many threads.
  void slice(const Geometry& geometry, std::int64_t k, std::span<std::int16_t> hu,
             std::span<Tissue> tissue) const;

  // Middle of the oesophagus at a height, mm.
  std::array<float, 2> oesophagus(float z) const;

 private:
  void grow_vessels();
  void grow_branch(class Dice& dice, const Eigen::Vector3f& from, const Eigen::Vector3f& direction,
                   float radius, float length, int depth);
  bool in_lung(const Eigen::Vector3f& p) const;

  struct Chest;  // the sections of the body at one height
  void paint_row(RowPainter& row, std::span<Tissue> tissue) const;
  void paint_table(RowPainter& row) const;
  void paint_wall(RowPainter& row, const Chest& chest) const;
  void paint_lungs(RowPainter& row, const Chest& chest) const;
  void paint_spine(RowPainter& row) const;
  void paint_heart(RowPainter& row) const;
  void paint_great_vessels(RowPainter& row) const;
  void paint_abdomen(RowPainter& row) const;
  void paint_airways(RowPainter& row) const;
  void paint_oesophagus(RowPainter& row, std::span<Tissue> tissue) const;

  PhantomOptions options_;
  float width_ = 165, depth_ = 112,
        fat_ = 14;  // of the trunk: semi-axes and fat under the skin, mm
  float cavity_width_ = 125, cavity_depth_ = 86;
  float contrast_ = 150;                    // HU of the blood
  std::array<float, 12> wobble_{};          // phases of the irregularities, radians
  std::vector<std::vector<Tube>> vessels_;  // of the lungs, by height in steps of `bin` mm
};

}  // namespace nicohort
