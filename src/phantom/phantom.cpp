#include "phantom/phantom.hpp"

#include <cmath>
#include <numbers>

#include "phantom/dice.hpp"

namespace nicohort {
namespace {

constexpr float pi = std::numbers::pi_v<float>;

// CT values in HU.
constexpr float air = -1000, fat = -100, muscle = 52, skin = 20, water = 12;
constexpr float trabecular = 190, cortical = 620, cartilage = 105, liver = 112, wall = 40;

constexpr float carina = 38, apex = 152;  // heights, mm
constexpr float bin = 4, lowest = -200;   // of the vessel lists, mm
constexpr float healthy_wall = 7.5f;      // outer radius of the oesophagus, mm
constexpr float rim_width = 6;            // mm

float square(float x) {
  return x * x;
}
float bell(float x) {
  return std::exp(-x * x);
}

// Half the width that the mediastinum keeps free of lung, to the right and to the left. It is
// narrow in front and behind the heart, where the lungs nearly meet.
float right_border(float y) {
  return 8 + 21 * bell((y - 2) / 32);
}
float left_border(float y) {
  return 8 + 24 * bell((y - 2) / 38);
}

// Semi-axis of an ellipsoid's section, as a share of the largest; 0 where the plane misses it.
float section(float z, float middle, float half) {
  return std::sqrt(std::max(0.f, 1 - square((z - middle) / half)));
}

// Tubes that open into each other: all walls first, so that none crosses a passage.
void pipes(RowPainter& row, std::span<const Tube> tubes, float wall_mm, float content) {
  for (Tube tube : tubes) {
    tube.radius += wall_mm;
    row.fill(tube, wall);
  }
  for (const Tube& tube : tubes) row.fill(tube, content);
}

// Noise of unit variance, alike on every machine: a hash of the voxel's place, blurred a little in
// the plane, as reconstruction kernels do.
class Noise {
 public:
  Noise(std::uint64_t key, std::int64_t columns) : key_(key), rows_{} {
    for (auto& row : rows_) row.resize(std::size_t(columns));
    raw_.resize(std::size_t(columns) + 2);
  }

  void start_slice(std::int64_t k) {
    slice_key_ = hash_keys(key_, k);
    next_ = -1;
    for (int i = 0; i < 2; ++i) advance();
  }

  // Adds the next row's noise, `sigma` HU, to the row.
  void add(std::span<float> row, float sigma) {
    advance();
    const float *a = rows_[0].data(), *b = rows_[1].data(), *c = rows_[2].data();
    for (std::size_t i = 0; i < row.size(); ++i) row[i] += sigma * (a[i] + 2 * b[i] + c[i]);
  }

 private:
  void advance() {
    std::swap(rows_[0], rows_[1]);
    std::swap(rows_[1], rows_[2]);
    const auto row_key = std::uint32_t(hash_keys(slice_key_, next_++));
    for (std::size_t i = 0; i < raw_.size(); ++i) {
      // Finaliser of MurmurHash3 (Appleby, public domain): 32 bits, so that it vectorises.
      std::uint32_t x = row_key + std::uint32_t(i) * 0x9e3779b9u;
      x = (x ^ (x >> 16)) * 0x85ebca6bu;
      x = (x ^ (x >> 13)) * 0xc2b2ae35u;
      x ^= x >> 16;
      // Two halves make a triangular distribution; the blur makes it all but normal.
      raw_[i] = float(std::int32_t(x >> 16) + std::int32_t(x & 0xffff) - 65535);
    }
    // Variance of the triangle is 65536²/6, of the blur (1 2 1)/4 in both directions (6/16)².
    constexpr float scale = 2.449f / 65536 / 0.375f / 16;
    for (std::size_t i = 0; i < rows_[2].size(); ++i)
      rows_[2][i] = scale * (raw_[i] + 2 * raw_[i + 1] + raw_[i + 2]);
  }

  std::uint64_t key_, slice_key_ = 0;
  std::int64_t next_ = 0;
  std::array<std::vector<float>, 3> rows_;
  std::vector<float> raw_;
};

}  // namespace

struct Phantom::Chest {
  Oval cavity;          // inside the ribs
  float y, half_depth;  // its middle and semi-axis
};

Phantom::Phantom(const PhantomOptions& options) : options_(options) {
  Dice dice(hash_keys(options.patient, 1));
  width_ = float(dice.uniform(150, 170));
  depth_ = float(dice.uniform(104, 116));
  fat_ = float(dice.uniform(7, 16));
  cavity_width_ = width_ - fat_ - float(dice.uniform(22, 27));
  cavity_depth_ = depth_ - 25;
  contrast_ = float(dice.uniform(125, 175));
  for (float& phase : wobble_) phase = float(dice.uniform(0, 2 * pi));
  grow_vessels();
}

std::array<float, 2> Phantom::oesophagus(float z) const {
  // Left of the midline, in front of the spine, behind trachea and left atrium.
  return {-5 + 3 * std::sin(z / 55 + wobble_[0]), -27 + 2 * std::sin(z / 40 + wobble_[1])};
}

bool Phantom::in_lung(const Eigen::Vector3f& p) const {
  const float x = p.x() > 0 ? right_border(p.y()) : left_border(p.y());
  const float dome = section(p.x(), p.x() > 0 ? 62.f : -62.f, 95) * 85 - 150;
  const float shrink = section(std::max(p.z(), 40.f), 40, apex - 40);
  return std::abs(p.x()) > x + 1 && p.z() > dome + 4 &&
         Oval(0, 2, (cavity_width_ - 4) * shrink, (cavity_depth_ - 4) * shrink)
                 .distance(p.x(), p.y()) < 0;
}

void Phantom::grow_vessels() {
  vessels_.resize(std::size_t((2 * -lowest) / bin));
  Dice dice(hash_keys(options_.patient, 2));
  for (const float side : {1.f, -1.f})
    for (int trunk = 0; trunk < 14; ++trunk) {
      // Lobar arteries and veins leave the hilum fanwise.
      const float height = float(dice.uniform(-22, 26)), depth = float(dice.uniform(-10, 12));
      const Eigen::Vector3f hilum(side * 31, depth, height);
      const float polar = (float(trunk) / 6.5f - 1) * 1.25f + float(dice.uniform(-0.2, 0.2));
      const float turn = float(dice.uniform(-1.3, 1.3));
      const Eigen::Vector3f direction(side * std::cos(polar) * std::cos(turn),
                                      std::cos(polar) * std::sin(turn), std::sin(polar));
      const float length = float(dice.uniform(20, 28)), radius = float(dice.uniform(3.2, 5.0));
      grow_branch(dice, hilum, direction, radius, length, 0);
    }
}

void Phantom::grow_branch(Dice& dice, const Eigen::Vector3f& from, const Eigen::Vector3f& direction,
                          float radius, float length, int depth) {
  if (depth > 8 || radius < 0.5f) return;
  const Eigen::Vector3f to = from + length * direction;
  if (depth > 0 && !in_lung(to)) return;
  const float low = std::min(from.z(), to.z()) - radius - 3;
  const float high = std::max(from.z(), to.z()) + radius + 3;
  for (auto at = std::size_t(std::max(0.f, (low - lowest) / bin));
       at < vessels_.size() && float(at) * bin + lowest <= high; ++at)
    vessels_[at].push_back({from.x(), from.y(), from.z(), to.x(), to.y(), to.z(), radius});
  for (int child = 0; child < 2; ++child) {
    Eigen::Vector3f bend;
    for (const int axis : {2, 1, 0}) bend[axis] = float(dice.uniform(-1, 1));
    // Murray's law: the cubes of the daughters' radii add up to the parent's.
    const float share = float(dice.uniform(0.74, 0.86));
    grow_branch(dice, to, (direction + 0.75f * bend).normalized(), radius * share,
                length * float(dice.uniform(0.72, 0.92)), depth + 1);
  }
}

void Phantom::slice(const Geometry& geometry, std::int64_t k, std::span<std::int16_t> hu,
                    std::span<Tissue> tissue) const {
  const Affine& to_world = geometry.affine;
  const auto columns = std::size_t(geometry.size.x);
  const auto spacing = column_lengths(to_world);
  // A voxel averages over its own width, and a little more: the detector's blur.
  const float soft = float(std::max(spacing[0], spacing[1])) * 1.25f;
  std::vector<float> values(columns);
  Noise noise(hash_keys(options_.scan, 3), geometry.size.x);
  noise.start_slice(k);
  for (std::int64_t j = 0; j < geometry.size.y; ++j) {
    const Eigen::Vector4d start = to_world * Eigen::Vector4d(0, double(j), double(k), 1);
    RowPainter row(values, float(start.x()), float(to_world(0, 0)), float(start.y()),
                   float(start.z()), soft);
    const auto row_tissue = tissue.subspan(std::size_t(j) * columns, columns);
    std::fill(values.begin(), values.end(), air);
    std::fill(row_tissue.begin(), row_tissue.end(), Tissue::other);
    paint_row(row, row_tissue);
    noise.add(values, options_.noise);
    std::int16_t* out = hu.data() + std::size_t(j) * columns;
    for (std::size_t i = 0; i < columns; ++i)
      out[i] = std::int16_t(std::floor(std::clamp(values[i], -1024.f, 3071.f) + 0.5f));
  }
}

// Back to front: what is painted later covers what was there.
void Phantom::paint_row(RowPainter& row, std::span<Tissue> tissue) const {
  const float shrink = std::max(0.02f, section(std::max(row.z, 40.f), 40, apex - 40));
  const float half_depth = cavity_depth_ * std::pow(shrink, 0.8f);
  const Chest chest{Oval(0, 2, cavity_width_ * shrink, half_depth), 2, half_depth};
  paint_table(row);
  paint_wall(row, chest);
  paint_lungs(row, chest);
  paint_heart(row);
  paint_abdomen(row);
  paint_spine(row);
  paint_great_vessels(row);
  paint_airways(row);
  paint_oesophagus(row, tissue);
}

// A carbon shell around foam, bent like a trough.
void Phantom::paint_table(RowPainter& row) const {
  const float top = -depth_ - 3;
  const Interval cut{-205, 205};
  if (row.y > top + 24 || row.y < top - 40) return;
  row.for_each(cut, [&](std::int64_t i, float x) {
    const float surface = top + 22 * square(x / 205), below = surface - 26;
    const float inside = std::max(row.y - surface, below - row.y);
    row.blend(i, inside, -180);
    row.blend(i, inside + 2.5f, -890);
  });
}

void Phantom::paint_wall(RowPainter& row, const Chest& chest) const {
  row.fill(Oval(0, 0, width_, depth_), skin);
  row.fill(Oval(0, 0, width_ - 2, depth_ - 2), fat);
  const float a = width_ - fat_, b = depth_ - 2 - fat_ * 0.4f;
  row.fill(Oval(0, -0.5f, a, b), muscle);
  // Fat between the layers of muscle.
  row.fill(Oval(0, -0.5f, a - 7, b - 5), fat);
  row.fill(Oval(0, -0.5f, a - 9, b - 6.5f), muscle);
  for (const float side : {1.f, -1.f}) {
    row.fill(Ellipse(side * 30, -92, 25, 12, side * 0.15f), muscle - 4);  // erector spinae
    if (row.z > -20) {                                                    // scapula
      const float grown = std::min(1.f, (row.z + 20) / 40);
      const float x = side * (cavity_width_ * 0.83f + 6), y = -cavity_depth_ * 0.72f - 3;
      row.fill(Ellipse(x, y, 34 * grown + 3, 4.2f, side * 0.72f), cortical);
      row.fill(Ellipse(x, y, 34 * grown + 1, 1.9f, side * 0.72f), trabecular);
    }
  }
  // Ribs: bands that run down towards the front around the cavity, every 26 mm.
  const Interval around = chest.cavity.cut(row.y, 13), inside = chest.cavity.cut(row.y, -1);
  const auto rib = [&](std::int64_t i, float x) {
    if (std::abs(x) < 14) return;
    const float height = (row.z + 0.45f * row.y + 0.06f * std::abs(x) * (x > 0 ? 1.f : 1.02f)) / 26;
    const float dz = (height - std::floor(height) - 0.5f) * 26 * 0.91f;
    const float dr = chest.cavity.distance(x, row.y) - 6.5f;
    const float distance = (std::sqrt(square(dr / 4) + square(dz / 6.5f)) - 1) * 4;
    if (distance > row.soft) return;
    const bool ossified = row.y < 58;
    row.blend(i, distance, ossified ? cortical : cartilage);
    if (ossified) row.blend(i, distance + 1.6f, trabecular + 40);
  };
  if (inside.empty()) {
    row.for_each(around, rib);
  } else {
    row.for_each({around.low, inside.low}, rib);
    row.for_each({inside.high, around.high}, rib);
  }
  if (row.z > -50 && row.z < 110) {  // sternum
    const float y = chest.y + chest.half_depth + 7, a2 = row.z > 75 ? 25.f : 17.f;
    row.fill(Ellipse(0, y, a2, 6.5f), cortical * 0.7f);
    row.fill(Ellipse(0, y, a2 - 1.5f, 4.8f), trabecular - 30);
  }
}

void Phantom::paint_lungs(RowPainter& row, const Chest& chest) const {
  row.fill(chest.cavity, fat + 8);  // of the mediastinum
  const Oval lungs(0, chest.y, chest.half_depth / cavity_depth_ * (cavity_width_ - 2),
                   chest.half_depth - 2);
  if (row.z > apex - 2) return;
  // Blood sinks: the back of a lung of somebody who lies is denser.
  const float value = -868 - 0.22f * row.y;
  row.fill(lungs, value, {right_border(row.y), 1e6f});
  row.fill(lungs, value, {-1e6f, -left_border(row.y)});
  const float at = (row.z - lowest) / bin;
  if (at < 0 || at >= float(vessels_.size())) return;
  for (const Tube& vessel : vessels_[std::size_t(at)]) row.fill(vessel, 25 + contrast_ * 0.4f);
}

void Phantom::paint_spine(RowPainter& row) const {
  const float y = -57;
  row.fill(Ellipse(0, y - 2, 21, 18), wall);  // ligaments and pleura
  const float height = row.z / 25 + wobble_[2];
  const float along = (height - std::floor(height)) * 25;
  const bool disc = along < 4.5f;
  if (disc) {
    row.fill(Ellipse(0, y, 16, 13), 92);
  } else {
    // Waisted between the end plates, which are denser.
    const float waist = 1.6f * std::sin((along - 4.5f) / 20.5f * pi);
    const bool plate = along < 6.5f || along > 23;
    row.fill(Ellipse(0, y, 17.5f - waist, 14.5f - waist), cortical * 0.72f);
    row.fill(Ellipse(0, y, 15.8f - waist, 12.8f - waist), plate ? 265.f : trabecular);
  }
  const float canal = y - 24;
  const bool arch = along > 7 && along < 19;
  if (arch) {
    for (const float side : {1.f, -1.f}) {
      row.fill(Ellipse(side * 12, y - 16, 4.5f, 8), cortical * 0.8f);  // pedicle
      row.fill(Ellipse(side * 25, canal - 5, 15, 4.8f, -side * 0.35f),
               cortical * 0.8f);  // transverse
      row.fill(Ellipse(side * 25, canal - 5, 13, 2.8f, -side * 0.35f), trabecular);
    }
    row.fill(Ellipse(0, canal, 13, 12), cortical * 0.85f);  // lamina
  } else {
    row.fill(Ellipse(0, canal, 12, 11), wall);  // yellow ligament
    for (const float side : {1.f, -1.f})
      row.fill(Ellipse(side * 13, canal - 3, 4.5f, 5.5f), cortical * 0.8f);  // facet joint
  }
  row.fill(Ellipse(0, canal - 17, 3.4f, 9), cortical * 0.75f);  // spinous process
  row.fill(Ellipse(0, canal - 17, 1.6f, 7), trabecular);
  row.fill(Ellipse(0, canal, 8.6f, 7.8f), water);
  row.fill(Ellipse(0, canal, 5.2f, 4), wall);  // spinal cord
}

void Phantom::paint_heart(RowPainter& row) const {
  const float all = section(row.z, -38, 62);
  if (all <= 0) return;
  const float turn = -0.62f;
  row.fill(Ellipse(-20, 24, 66 * all, 49 * all, turn), fat);  // of the epicardium
  row.fill(Ellipse(-20, 24, 63 * all, 46 * all, turn), 98);   // muscle
  // Ventricles, atria and the papillary muscles between them.
  const float left = section(row.z, -48, 38), right = section(row.z, -40, 44);
  if (left > 0) {
    row.fill(Ellipse(-43, 19, 27 * left, 18 * left, turn), contrast_);
    row.fill(Ellipse(-52, 24, 3.5f * left, 6 * left), 100);
  }
  if (right > 0) row.fill(Ellipse(-14, 47, 33 * right, 13 * right, -0.42f), contrast_ - 12);
  const float atrium = section(row.z, -14, 26), right_atrium = section(row.z, -22, 36);
  if (right_atrium > 0)
    row.fill(Ellipse(26, 21, 19 * right_atrium, 23 * right_atrium, 0.25f), contrast_ - 8);
  if (atrium > 0) row.fill(Ellipse(-3, 1, 31 * atrium, 15 * atrium), contrast_);
}

void Phantom::paint_great_vessels(RowPainter& row) const {
  constexpr float arch = 72;
  // Descending aorta, arch, ascending aorta, and the branches of the arch.
  const Tube aorta[] = {{-26, -41, -220, -23, -40, arch - 10, 11.5f},
                        {-23, -40, arch - 10, -15, -12, arch, 11.5f},
                        {-15, -12, arch, 6, 26, arch - 8, 12},
                        {6, 26, arch - 10, 9, 28, 6, 15},
                        {4, 16, arch + 6, 14, 6, 150, 6},
                        {-7, 4, arch + 8, -12, 2, 150, 4},
                        {-15, -10, arch + 6, -26, -8, 150, 4.5f}};
  pipes(row, aorta, 1.2f, contrast_ + 10);
  // Pulmonary trunk and its two branches.
  const Tube pulmonary[] = {{-18, 44, 4, -20, 26, 32, 13.5f},
                            {-18, 26, 30, 34, 2, 24, 10},
                            {-19, 24, 34, -36, -4, 34, 10}};
  pipes(row, pulmonary, 1, contrast_ + 5);
  // Superior vena cava and left brachiocephalic vein, which the contrast medium enters by; azygos
  // vein.
  const Tube cava[] = {{29, 24, -2, 27, 20, 92, 9}, {-34, 24, 108, 26, 22, 88, 6.5f}};
  pipes(row, cava, 0.8f, contrast_ + 40);
  const Tube azygos[] = {{9, -39, -160, 9, -39, 50, 3.2f}};
  pipes(row, azygos, 0.5f, contrast_ - 25);
}

void Phantom::paint_airways(RowPainter& row) const {
  const Tube airways[] = {
      {2, -5, carina + 2, 1, -9, 175, 8.5f}, {3, -6, carina + 2, 33, -5, 12, 6.5f},
      {1, -6, carina + 2, -36, -7, 8, 5.6f}, {33, -5, 12, 50, 4, -24, 3.6f},
      {-36, -7, 8, -52, -16, -26, 3.4f},     {30, -5, 16, 52, 4, 46, 3.2f},
      {-36, -7, 8, -56, 8, 30, 3.2f}};
  pipes(row, airways, 1.6f, air);
}

void Phantom::paint_abdomen(RowPainter& row) const {
  if (row.z > -55) return;
  const float belly = section(row.z, -195, 90);
  if (belly > 0)
    row.fill(Oval(0, 4, (cavity_width_ - 6) * belly, (cavity_depth_ - 5) * belly), fat);
  const float right = section(row.z, -152, 92);
  if (right > 0) row.fill(Ellipse(62, 4, 78 * right, 80 * right, 0.1f), liver);
  const float middle = section(row.z, -150, 62);
  if (middle > 0) row.fill(Ellipse(4, 40, 55 * middle, 34 * middle, 0.1f), liver);
  const float spleen = section(row.z, -155, 62);
  if (spleen > 0) row.fill(Ellipse(-86, -30, 25 * spleen, 42 * spleen, -0.4f), liver + 15);
  const float stomach = section(row.z, -145, 60);
  if (stomach > 0) {
    row.fill(Ellipse(-56, 20, 44 * stomach, 46 * stomach), 62);
    const float content = 41 * stomach;
    row.fill(Ellipse(-56, 20, content, content), row.y > 32 ? air + 20 : 22);
  }
  // The crura of the diaphragm, beside the aorta.
  row.fill(Ellipse(-12, -30, 8, 18, -0.4f), muscle);
  row.fill(Ellipse(16, -36, 6, 16, 0.3f), muscle);
}

void Phantom::paint_oesophagus(RowPainter& row, std::span<Tissue> tissue) const {
  const Tumour& tumour = options_.tumour;
  const float dz = (row.z - tumour.z) / tumour.half_length;
  const float swell = std::abs(dz) < 1 ? std::pow(1 - dz * dz, 0.6f) : 0.f;
  const float thick = tumour.thickness * swell;
  const auto centre = oesophagus(row.z);
  const auto cx = centre[0], cy = centre[1];
  const float most = healthy_wall + thick + rim_width;
  if (std::abs(row.y - cy) > most + row.soft) return;

  // The tumour narrows the passage; above it the passage is wide, and holds air in parts of its
  // length.
  const float above = 1 / (1 + std::exp(-(dz - 1) * 3));
  const bool gas = std::sin(row.z / 9 + wobble_[3]) + 0.8f * above > -0.15f;
  const float lumen = (2.6f - 0.9f * swell + 2.4f * above) * (gas ? 1.f : 0.55f);
  const float lumen_x = cx + 0.25f * thick * std::cos(wobble_[4]);
  const float lumen_y = cy + 0.25f * thick * std::sin(wobble_[4]);

  // The outline is a sum of harmonics of the angle whose phases drift with the height.
  std::array<float, 4> c{}, s{};
  for (std::size_t n = 0; n < 4; ++n) {
    const float phase = wobble_[5 + n] + row.z / (9 + 7 * float(n)) * (n % 2 ? 1.f : -1.f);
    c[n] = std::cos(phase), s[n] = std::sin(phase);
  }
  const float weight[] = {0.20f, 0.15f, 0.10f, 0.06f};
  row.for_each({cx - most - row.soft, cx + most + row.soft}, [&](std::int64_t i, float x) {
    const float dx = x - cx, dy = row.y - cy;
    const float r = std::sqrt(dx * dx + dy * dy) + 1e-4f;
    float cn = dx / r, sn = dy / r, outline = 0.62f;
    const float c1 = cn, s1 = sn;
    for (std::size_t n = 0; n < 4; ++n) {
      outline += weight[n] * (cn * c[n] + sn * s[n]);
      const float next = cn * c1 - sn * s1;  // cos((n+1)θ) from cos(nθ)
      sn = sn * c1 + cn * s1;
      cn = next;
    }
    const float outside = r - healthy_wall - thick * outline;
    const float inside = std::sqrt(square(x - lumen_x) + square(row.y - lumen_y)) - lumen;
    // The tumour takes up contrast unevenly.
    const float mottle = 7 * std::sin(x / 4.1f + wobble_[9]) *
                         std::sin(row.y / 4.7f + wobble_[10]) *
                         std::cos(row.z / 6.3f + wobble_[11]);
    const float share = std::min(1.f, thick / 3);
    row.blend(i, outside, 48 + share * (26 + mottle));
    row.blend(i, inside, gas ? air + 40 : 18);
    if (thick < 0.3f) return;
    Tissue& mine = tissue[std::size_t(i)];
    // A careful outline keeps clear of voxels that the air fills in part.
    if (gas && inside <= std::min(2.f, 0.6f * row.soft))
      mine = Tissue::lumen;
    else if (outside <= 0)
      mine = Tissue::tumour;
    else if (outside <= rim_width)
      mine = Tissue::rim;
  });
}

}  // namespace nicohort
