#include "phantom/sample.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "deflate/gzip_writer.hpp"
#include "phantom/dice.hpp"
#include "phantom/outline.hpp"

namespace nicohort {
namespace {

// How a site makes and keeps its images.
struct Style {
  double thickness = 0;            // of slices, mm
  std::array<int, 3> direction{};  // of the voxel axes in RAS+
  double tilt = 0;                 // around the world's x axis, radians
  float noise = 0;                 // HU
  DataType volume_type{}, mask_type{};
  int inter = 0;                    // HU = stored + inter
  bool qform = true, sform = true;  // which transforms the header states
  double mask_offset = 0;           // of the mask against the volume, mm
  Carelessness carelessness;
};

Style style_of(const Patient& patient, Phase phase, Dice& dice) {
  switch (patient.site) {
    case Site::tongji:
      return {.thickness = 5,
              .direction = {-1, 1, 1},
              .noise = 11,
              .volume_type = DataType::int16,
              .mask_type = DataType::uint8,
              .carelessness = {0.05, 0.05, 0.05, 0.001}};
    case Site::shiyan_taihe:
      return {.thickness = 4,
              .direction = {-1, -1, 1},
              .tilt = patient.tilted && phase == Phase::pre ? dice.uniform(0.04, 0.12) : 0,
              .noise = 14,
              .volume_type = DataType::uint16,
              .mask_type = DataType::int16,
              .inter = -1024,
              .carelessness = {0.20, 0.15, 0.12, 0.003}};
    case Site::xiangyang:
      break;
  }
  const bool pre = phase == Phase::pre;
  return {.thickness = 2.5,
          .direction = {1, 1, 1},
          .noise = 18,
          .volume_type = pre ? DataType::float64 : DataType::int32,
          .mask_type = pre ? DataType::float64 : DataType::uint8,
          .qform = !pre,
          .sform = pre,
          .mask_offset = pre && patient.mask_displaced ? 0.1 : 0,
          .carelessness = {0.80, 0.50, 0.50, 0.008}};
}

Geometry make_geometry(const Style& style, Size3 size, Dice& dice) {
  const double field_of_view = 375 + 5 * dice.integer(0, 4);
  const double in_plane = float(field_of_view / double(std::max(size.x, size.y)));
  // The slices must show the tumour, whatever their number, and need not show more than a chest.
  const double slices = double(size.z);
  const double thickness = float(std::clamp(style.thickness, 130 / slices, 320 / slices));
  Geometry geometry;
  geometry.size = size;
  geometry.spacing = {in_plane, in_plane, thickness};
  geometry.qform_code = geometry.sform_code = 1;
  const double c = std::cos(style.tilt), s = std::sin(style.tilt);
  const auto& d = style.direction;
  geometry.affine.col(0) << d[0] * in_plane, 0, 0, 0;
  geometry.affine.col(1) << 0, d[1] * in_plane * c, d[1] * in_plane * s, 0;
  geometry.affine.col(2) << 0, -d[2] * thickness * s, d[2] * thickness * c, 0;
  // The middle of the image is the middle of the chest, give or take how the patient lay.
  const Eigen::Vector4d middle(double(size.x - 1) / 2, double(size.y - 1) / 2,
                               double(size.z - 1) / 2, 0);
  const double z = dice.uniform(-4, 4), y = dice.uniform(-8, 0), x = dice.uniform(-5, 5);
  const Eigen::Vector4d shift(x, y, z, 1);
  geometry.affine.col(3) = shift - geometry.affine * middle;
  return geometry;
}

void state_transforms(StoredImage& image, const Style& style) {
  if (!style.qform) {
    put(image.header, nifti1::qform_code, std::int16_t(0));
    for (std::size_t i = 0; i < 6; ++i) put(image.header, nifti1::quatern + 4 * i, 0.f);
  }
  if (!style.sform) {
    put(image.header, nifti1::sform_code, std::int16_t(0));
    for (std::size_t i = 0; i < 12; ++i) put(image.header, nifti1::srow + 4 * i, 0.f);
  }
}

template <class T>
void append_as(std::vector<std::byte>& bytes, std::span<const std::int16_t> values, int add) {
  std::size_t at = bytes.size();
  bytes.resize(at + values.size() * sizeof(T));
  for (const std::int16_t value : values) {
    const T stored = T(value + add);
    std::memcpy(bytes.data() + at, &stored, sizeof stored);
    at += sizeof stored;
  }
}

// Where an image has few voxels, most of those that were drawn can be air in part. A mask that lies
// mostly in air is a fault, and is left to faults.cpp: from the last such voxel on, some are taken
// out.
void keep_half_in_tissue(std::span<const std::int16_t> values, std::vector<std::uint8_t>& labels) {
  constexpr int low = -140, high = 1000;  // HU, the window of the tutorial
  const auto is_in_air = [&](std::size_t i) { return values[i] < low || values[i] > high; };
  std::int64_t in_tissue = 0, in_air = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] != 0) ++(is_in_air(i) ? in_air : in_tissue);
  for (std::size_t i = labels.size(); i-- > 0 && in_air > std::max<std::int64_t>(in_tissue, 1);)
    if (labels[i] != 0 && is_in_air(i)) labels[i] = 0, --in_air;
}

}  // namespace

StoredSample make_sample(const Patient& patient, Phase phase, Size3 size) {
  const std::uint64_t scan = hash_keys(patient.key, 10, phase);
  Dice dice(scan);
  const Style style = style_of(patient, phase, dice);
  Geometry geometry = make_geometry(style, size, dice);
  const Phantom phantom({.patient = patient.key,
                         .scan = scan,
                         .tumour = phase == Phase::pre ? patient.before : patient.after,
                         .noise = style.noise});

  StoredSample sample;
  const auto voxels = std::size_t(size.voxels()), in_slice = std::size_t(size.x * size.y);
  sample.volume.values.resize(voxels);
  std::vector<Tissue> tissue(voxels);
  for (std::int64_t k = 0; k < size.z; ++k) {
    const std::size_t from = std::size_t(k) * in_slice;
    phantom.slice(geometry, k, std::span(sample.volume.values).subspan(from, in_slice),
                  std::span(tissue).subspan(from, in_slice));
  }
  auto labels = outline(geometry, tissue, style.carelessness, hash_keys(scan, 4));
  keep_half_in_tissue(sample.volume.values, labels);
  sample.mask.values.assign(labels.begin(), labels.end());

  // World coordinates count from the scanner's own zero, not from the patient.
  const int table = dice.integer(3, 9);
  geometry.affine.col(3).head<3>() += Eigen::Vector3d(0, dice.uniform(120, 180), -100 * table);
  sample.volume.type = style.volume_type;
  sample.volume.add = -style.inter;
  sample.volume.header = make_header(geometry, style.volume_type);
  if (style.inter != 0) {
    put(sample.volume.header, nifti1::scl_slope, 1.f);
    put(sample.volume.header, nifti1::scl_inter, float(style.inter));
  }
  geometry.affine(0, 3) += style.mask_offset;
  sample.mask.type = style.mask_type;
  sample.mask.header = make_header(geometry, style.mask_type);
  for (StoredImage* image : {&sample.volume, &sample.mask}) {
    state_transforms(*image, style);
    // Converters leave text like this behind; a dataset must not.
    const std::string text = "Patient " + patient.pid + ", made-up";
    std::memcpy(image->header.data() + nifti1::descrip, text.data(),
                std::min<std::size_t>(text.size(), 79));
  }
  return sample;
}

std::vector<std::byte> voxel_bytes(const StoredImage& image, std::size_t begin, std::size_t count) {
  std::vector<std::byte> bytes;
  const auto values = std::span(image.values).subspan(begin, count);
  switch (image.type) {
    case DataType::uint8:
      append_as<std::uint8_t>(bytes, values, image.add);
      break;
    case DataType::int16:
      append_as<std::int16_t>(bytes, values, image.add);
      break;
    case DataType::uint16:
      append_as<std::uint16_t>(bytes, values, image.add);
      break;
    case DataType::int32:
      append_as<std::int32_t>(bytes, values, image.add);
      break;
    case DataType::float32:
      append_as<float>(bytes, values, image.add);
      break;
    case DataType::float64:
      append_as<double>(bytes, values, image.add);
      break;
    default:
      throw BadInput(ProblemKind::other,
                     "the demo archive has no images of this type; use another one");
  }
  return bytes;
}

void write_image(const std::filesystem::path& path, const StoredImage& image) {
  AtomicFile file(path);
  GzipWriter gzip(file);
  gzip.write(image.header);
  constexpr std::size_t piece = 1 << 18;
  for (std::size_t at = 0; at < image.values.size(); at += piece)
    gzip.write(voxel_bytes(image, at, std::min(piece, image.values.size() - at)));
  gzip.finish();
  file.commit();
}

void write_gzip(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  GzipWriter gzip(file);
  gzip.write(bytes);
  gzip.finish();
  file.commit();
}

std::filesystem::path archive_path(const Patient& patient, Phase phase, ImageKind kind) {
  return std::filesystem::path(site_dir(patient.site)) /
         (phase == Phase::pre ? "pre-therapy" : "post-therapy") /
         (kind == ImageKind::volume ? "images" : "masks") /
         (site_id(patient.site) + "_" + patient.pid + ".nii.gz");
}

}  // namespace nicohort
