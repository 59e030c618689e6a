// Paints soft-edged shapes into one row of voxels that runs along x.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace nicohort {

// An interval of x in mm; empty where high < low.
struct Interval {
  float low = 1, high = 0;
  bool empty() const { return high < low; }
};

// An ellipse in the axial plane, turned counterclockwise by `turn` radians.
class Ellipse {
 public:
  Ellipse(float x, float y, float a, float b, float turn = 0)
      : x_(x), y_(y), a_(a), b_(b), cos_(std::cos(turn)), sin_(std::sin(turn)) {}

  // Where a row cuts the ellipse after its semi-axes grew by `grow` mm.
  Interval cut(float y, float grow) const {
    const float a = a_ + grow, b = b_ + grow;
    if (a <= 0 || b <= 0) return {};
    const auto [p, q, r] = form(a, b);
    const float dy = y - y_;
    const float root = q * q * dy * dy - p * (r * dy * dy - 1);
    if (root < 0) return {};
    const float middle = x_ - q * dy / p, half = std::sqrt(root) / p;
    return {middle - half, middle + half};
  }

  // Signed distance to the edge in mm, negative inside; first-order (Sampson), so right near the
  // edge.
  float distance(float x, float y) const {
    const auto [p, q, r] = form(a_, b_);
    const float dx = x - x_, dy = y - y_;
    const float gx = p * dx + q * dy, gy = q * dx + r * dy;
    return (gx * dx + gy * dy - 1) / (2 * std::sqrt(gx * gx + gy * gy) + 1e-6f);
  }

 private:
  struct Form {
    float p, q, r;  // p dx² + 2 q dx dy + r dy² = 1 on the edge
  };
  Form form(float a, float b) const {
    const float u = 1 / (a * a), v = 1 / (b * b);
    return {cos_ * cos_ * u + sin_ * sin_ * v, cos_ * sin_ * (u - v),
            sin_ * sin_ * u + cos_ * cos_ * v};
  }

  float x_, y_, a_, b_, cos_, sin_;
};

// A rounded rectangle, |x/a|^n + |y/b|^n = 1: a trunk is flatter in front and behind than an
// ellipse.
class Oval {
 public:
  Oval(float x, float y, float a, float b) : x_(x), y_(y), a_(a), b_(b) {}

  Interval cut(float y, float grow) const {
    const float a = a_ + grow, b = b_ + grow;
    if (a <= 0 || b <= 0) return {};
    const float rest = 1 - std::pow(std::abs(y - y_) / b, power);
    if (rest < 0) return {};
    const float half = a * std::pow(rest, 1 / power);
    return {x_ - half, x_ + half};
  }

  float distance(float x, float y) const {
    const float u = std::abs(x - x_) / a_, v = std::abs(y - y_) / b_;
    const float un = std::pow(u, power - 1), vn = std::pow(v, power - 1);
    const float gx = un / a_, gy = vn / b_;
    return (un * u + vn * v - 1) / (power * std::sqrt(gx * gx + gy * gy) + 1e-6f);
  }

 private:
  static constexpr float power = 2.5f;
  float x_, y_, a_, b_;
};

// A round tube between two points, with spherical ends.
struct Tube {
  float x0, y0, z0, x1, y1, z1, radius;
};

class RowPainter {
 public:
  // Voxel i lies at (x0 + i·dx, y, z); `soft` is the width in mm over which an edge fades.
  RowPainter(std::span<float> row, float x0, float dx, float y_mm, float z_mm, float soft_mm)
      : y(y_mm), z(z_mm), soft(soft_mm), row_(row), x0_(x0), dx_(dx) {}

  const float y, z, soft;

  float x_at(std::int64_t i) const { return x0_ + float(i) * dx_; }

  // Calls visit(i, x) for the voxels within an interval.
  template <class Visit>
  void for_each(Interval x, Visit&& visit) const {
    const auto [begin, end] = indices(x);
    for (std::int64_t i = begin; i < end; ++i) visit(i, x_at(i));
  }

  // Mixes `hu` into voxel i as an edge at this distance lets it through.
  void blend(std::int64_t i, float distance, float hu, float most = 1) {
    const float share = std::clamp(0.5f - distance / soft, 0.f, 1.f) * most;
    row_[std::size_t(i)] += share * (hu - row_[std::size_t(i)]);
  }

  // Fills a shape, as far as it lies within `only`. Distances are worked out near the edge alone.
  template <class Shape>
  void fill(const Shape& shape, float hu, Interval only = {-1e6f, 1e6f}) {
    const Interval cut = shape.cut(y, soft);
    const Interval outer{std::max(cut.low, only.low - soft), std::min(cut.high, only.high + soft)};
    if (outer.empty()) return;
    const Interval core = shape.cut(y, -soft);
    const Interval inner{std::max(core.low, only.low + soft),
                         std::min(core.high, only.high - soft)};
    for_each(outer, [&](std::int64_t i, float x) {
      if (x >= inner.low && x <= inner.high) {
        row_[std::size_t(i)] = hu;
      } else {
        blend(i, std::max({shape.distance(x, y), only.low - x, x - only.high}), hu);
      }
    });
  }

  void fill(const Tube& tube, float hu) {
    // Distances in the plane across the row first: most rows miss the tube.
    const float reach = tube.radius + soft;
    const float ux = tube.x1 - tube.x0, uy = tube.y1 - tube.y0, uz = tube.z1 - tube.z0;
    const float py = y - tube.y0, pz = z - tube.z0;
    const float across = uy * uy + uz * uz + 1e-6f, along = py * uy + pz * uz;
    const float nearest = std::clamp(along / across, 0.f, 1.f);
    const float ey = py - nearest * uy, ez = pz - nearest * uz;
    const float room = reach * reach - ey * ey - ez * ez;
    if (room < 0) return;
    const float half = std::sqrt(room / across);
    const float t0 = std::clamp(nearest - half, 0.f, 1.f);
    const float t1 = std::clamp(nearest + half, 0.f, 1.f);
    const float xa = tube.x0 + t0 * ux, xb = tube.x0 + t1 * ux;
    const float length2 = across + ux * ux;
    // A vessel thinner than the blur shows fainter, not thicker.
    const float most = std::min(1.f, 2 * tube.radius / soft);
    for_each({std::min(xa, xb) - reach, std::max(xa, xb) + reach}, [&](std::int64_t i, float x) {
      const float px = x - tube.x0;
      const float t = std::clamp((px * ux + along) / length2, 0.f, 1.f);
      const float dx = px - t * ux, dy = py - t * uy, dz = pz - t * uz;
      blend(i, std::sqrt(dx * dx + dy * dy + dz * dz) - tube.radius, hu, most);
    });
  }

 private:
  struct Indices {
    std::int64_t begin, end;
  };
  Indices indices(Interval x) const {
    if (x.empty()) return {0, 0};
    const float a = (x.low - x0_) / dx_, b = (x.high - x0_) / dx_;
    const float last = float(row_.size());
    return {std::int64_t(std::ceil(std::clamp(std::min(a, b), 0.f, last))),
            std::int64_t(std::floor(std::clamp(std::max(a, b), -1.f, last - 1))) + 1};
  }

  std::span<float> row_;
  float x0_, dx_;
};

}  // namespace nicohort
