// Steps as recipes have them, their parameters set by name, done on masks that are plain arrays.
#pragma once

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "mask/dense.hpp"
#include "step/step.hpp"

namespace nicohort::testing {

inline Parameter parameter_of(const StepPtr& step, const std::string& name) {
  for (const Parameter& parameter : step->parameters())
    if (parameter.name == name) return parameter;
  throw std::logic_error("no parameter " + name);
}

// Parameters as JSON, by name; those whose text is empty are not given.
using Given = std::map<std::string, std::string>;

inline StepPtr step_with(const std::string& name, const Given& given) {
  StepPtr step = make_step(name);
  for (const auto& [parameter, json] : given)
    if (!json.empty()) set_parameter(parameter_of(step, parameter), json);
  return step;
}

using Spacing = std::array<double, 3>;

// A background and three labels; 4 and above are values that no label has.
inline MaskState state_of(const Dense& dense, const Spacing& spacing = {1, 1, 1}) {
  MaskState state{to_labels(dense), {}, {{0, "Bg"}, {1, "a"}, {2, "b"}, {3, "c"}}};
  state.geometry.size = dense.size;
  state.geometry.spacing = spacing;
  return state;
}

// What the step finds; it must not look at values of the volume.
inline StepFindings do_step(const StepPtr& step, MaskState& state) {
  Values values([](const TakeValues&) { throw std::logic_error("it looks at values"); });
  return apply_steps({step}, state, values).at(0);
}

inline LabelMask mask_after(const std::string& step, const Given& given, const Dense& dense,
                            const Spacing& spacing = {1, 1, 1}) {
  MaskState state = state_of(dense, spacing);
  do_step(step_with(step, given), state);
  return state.mask;
}

// An image whose slices are drawn row by row, y downwards: `.` is 0, a digit is itself.
inline Dense drawn_slices(const std::vector<std::vector<std::string>>& slices) {
  const auto& rows = slices.at(0);
  Dense dense(
      {std::int64_t(rows.at(0).size()), std::int64_t(rows.size()), std::int64_t(slices.size())});
  for_each_voxel(dense.size, [&](auto x, auto y, auto z) {
    const char c = slices.at(z).at(y).at(x);
    dense.at(x, y, z) = c == '.' ? 0 : std::uint8_t(c - '0');
  });
  return dense;
}
inline Dense drawn(const std::vector<std::string>& slice) {
  return drawn_slices(std::vector<std::vector<std::string>>{slice});
}

// A value of `of`, as JSON, and the labels that it means: of the values 0 to 4.
struct Of {
  std::string json;
  std::set<int> labels;
};
inline Of random_of(const std::set<int>& without) {
  return *rc::gen::element(Of{"", without}, Of{"\"foreground\"", {1, 2, 3, 4}}, Of{"\"b\"", {2}},
                           Of{"[\"b\"]", {2}}, Of{"[\"c\",\"a\"]", {1, 3}}, Of{"\"3\"", {3}},
                           Of{"\"Bg\"", {0}}, Of{"[\"a\",\"Bg\"]", {0, 1}},
                           Of{"[\"foreground\",\"a\"]", {1, 2, 3, 4}});
}

inline Spacing random_spacing() {
  const auto random = [] { return *rc::gen::element(0.5, 0.7, 0.8, 3.0); };
  return {random(), random(), random()};
}

// `3 mm2`, `25 voxels`: often just what some regions have.
struct RandomSize {
  int voxels = 0;
  double voxel_size = 1;
  bool is_in_voxels = false;

  std::string json(const std::string& mm) const {
    return is_in_voxels ? fmt::format("\"{} voxels\"", voxels)
                        : fmt::format("\"{} {}\"", voxels * voxel_size, mm);
  }
  bool is_above(std::size_t region) const {
    return is_in_voxels ? region < std::size_t(voxels)
                        : double(region) * voxel_size < voxels * voxel_size;
  }
};
inline RandomSize random_region_size(double voxel_size) {
  return {random_in(0, 20), voxel_size, random_in(0, 2) == 1};
}

using Voxel = std::array<std::int64_t, 3>;
using Voxels = std::vector<Voxel>;

// Whether a voxel that is so far away, by at most one voxel along each axis, is a neighbour.
using IsNeighbour = std::function<bool(const Voxel& step)>;

inline int axes_of(const Voxel& step) {
  return (step[0] != 0) + (step[1] != 0) + (step[2] != 0);
}

// The connected parts in the order of their first voxel, x slowest and z fastest.
inline std::vector<Voxels> parts_of(Dense mask, const IsNeighbour& is_neighbour) {
  std::vector<Voxels> parts;
  const auto take = [&](const Voxel& voxel, Voxels& part) {
    const auto& [x, y, z] = voxel;
    if (!mask.inside(x, y, z) || mask.at(x, y, z) == 0) return;
    mask.at(x, y, z) = 0;
    part.push_back(voxel);
  };
  const Size3 z_first{mask.size.z, mask.size.y, mask.size.x};
  for_each_voxel(z_first, [&](auto z0, auto y0, auto x0) {
    Voxels part;
    take({x0, y0, z0}, part);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Voxel from = part[i];
      for_each_voxel({3, 3, 3}, [&](auto x, auto y, auto z) {
        const Voxel step{x - 1, y - 1, z - 1};
        if (is_neighbour(step))
          take({from[0] + step[0], from[1] + step[1], from[2] + step[2]}, part);
      });
    }
    if (!part.empty()) parts.push_back(part);
  });
  return parts;
}

inline void give(Dense& dense, const Voxels& voxels, int label) {
  for (const auto& [x, y, z] : voxels) dense.at(x, y, z) = std::uint8_t(label);
}

}  // namespace nicohort::testing
