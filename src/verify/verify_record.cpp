#include "verify/verify_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "step/examine.hpp"

namespace nicohort {
namespace {

constexpr const char* remedy = "make the sample again from the archive";
constexpr double rounding = 1e-9;  // relative

// The step that the record names; nullptr if this program does it otherwise.
StepPtr step_of(const StepWork& work) {
  const StepPtr step = make_step(work.name);
  if (!step || step->version() != work.version) return nullptr;
  try {
    const auto values = nlohmann::json::parse(work.parameters);
    for (const Parameter& parameter : step->parameters())
      if (parameter.is_recorded) set_parameter(parameter, values.at(parameter.name).dump());
  } catch (const nlohmann::json::exception&) {
    return nullptr;
  } catch (const UsageError&) {
    return nullptr;
  }
  return step->work() == work ? step : nullptr;
}

bool is_near(double a, double b) {
  return std::abs(a - b) <= rounding * std::max({1.0, std::abs(a), std::abs(b)});
}

bool is_same(const MeasuredRegion& a, const MeasuredRegion& b) {
  return a.voxels == b.voxels && is_near(a.volume, b.volume) &&
         std::equal(a.centre.begin(), a.centre.end(), b.centre.begin(), is_near) &&
         std::equal(a.centre_mm.begin(), a.centre_mm.end(), b.centre_mm.begin(), is_near);
}

bool are_same(const std::vector<LabelRegions>& a, const std::vector<LabelRegions>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.label == other.label &&
           std::equal(one.regions.begin(), one.regions.end(), other.regions.begin(),
                      other.regions.end(), is_same);
  });
}

}  // namespace

std::vector<std::string> wrong_in_record(const SampleRecord& record, const LabelMask& mask,
                                         const Geometry& geometry) {
  std::vector<std::string> wrong;
  if (!record.mask || record.mask->voxels != foreground_voxels(mask))
    wrong.push_back(fmt::format("has other voxel counts than the mask; {}", remedy));
  for (const auto& mask_file : record.binary_masks())
    if (const std::string file = mask_file.filename().string(); !record.files.contains(file))
      wrong.push_back(
          fmt::format("has no binary mask {}, though it has its labels; {}", file, remedy));
  MaskState state{mask, geometry, record.labels};
  Values values([](const TakeValues&) {});
  for (auto step = record.steps.rbegin();
       step != record.steps.rend() && step->work.name == "list_small"; ++step) {
    const StepPtr list = step_of(step->work);
    if (!list) continue;
    try {
      if (!are_same(list->apply(state, values).regions, step->findings.regions))
        wrong.push_back(fmt::format("has another list of small regions than the mask ({}); {}",
                                    step->work.parameters, remedy));
    } catch (const BadInput& bad) {
      wrong.push_back(fmt::format("lists small regions, but {}; {}", bad.what(), remedy));
    }
  }
  return wrong;
}

}  // namespace nicohort
