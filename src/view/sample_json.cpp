#include "view/sample_json.hpp"

#include <fmt/format.h>

#include "dataset/samples.hpp"
#include "view/web_path.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

// Where the server gives out a file below `folder`; null if it does not.
json url_of(const fs::path& root, const std::string& folder, const fs::path& file) {
  if (!is_image_name(file.string()) || !file_below(root / folder, file.string())) return nullptr;
  return fmt::format("/files/{}/{}", folder, encode_percent(file.generic_string()));
}

// Where the server gives out the mask as drawn; null if a file of it is not in the archive.
json url_of_drawn(const ViewedArchive& archive, const ViewedSample& sample) {
  for (const std::string& mask : sample.drawn_masks)
    if (!archive.find(mask)) return nullptr;
  if (sample.drawn_masks.empty()) return nullptr;
  return fmt::format("/files/drawn/{}.nii.gz", encode_percent(sample.files.id));
}

std::string label_name(const LabelNames& names, int label) {
  const auto name = names.find(static_cast<std::uint8_t>(label));
  return name == names.end() ? fmt::format("label {}", label) : name->second;
}

}  // namespace

json verdict_json(const Verdict& verdict) {
  return {{"verdict", verdict.verdict},
          {"comment", verdict.comment},
          {"reviewer", verdict.reviewer},
          {"time", verdict.time}};
}

json sample_json(const fs::path& root, const ViewedArchive& archive, const SampleIndex& index,
                 std::size_t place, const std::optional<Verdict>& verdict) {
  const ViewedSample& viewed = index.samples[place];
  const SampleFiles& files = viewed.files;
  const auto& [unit, window] = index.intensity;
  // The names that the sample's files bear count before those of a label map that may be newer.
  LabelNames names;
  json volumes = json::array(), binaries = json::array(), labels = json::array(),
       groups = json::array(), regions = json::array();
  for (const std::string& channel : viewed.channels)
    volumes.push_back({{"channel", channel.empty() ? json(nullptr) : json(channel)},
                       {"url", url_of(root, dataset_folder, files.volume(channel))}});
  for (const BinaryMaskFile& mask : find_binary_masks(root / dataset_folder, files)) {
    names.emplace(mask.label, mask.name);
    binaries.push_back({{"label", mask.label},
                        {"name", mask.name},
                        {"url", url_of(root, dataset_folder, mask.path)}});
  }
  names.insert(index.labels.begin(), index.labels.end());
  for (const auto& [label, name] : names) labels.push_back({{"label", label}, {"name", name}});
  for (const LabelGroup& group : viewed.groups)
    groups.push_back({{"name", group.name}, {"labels", group.labels}});
  if (const auto rows = index.regions.find(files.id); rows != index.regions.end())
    for (const RegionRow& row : rows->second)
      regions.push_back({{"label", row.label},
                         {"name", label_name(names, row.label)},
                         {"voxels", row.voxels},
                         {"volume_mm3", row.volume},
                         {"x", row.voxel[0]},
                         {"y", row.voxel[1]},
                         {"z", row.voxel[2]},
                         {"x_mm", row.centre[0]},
                         {"y_mm", row.centre[1]},
                         {"z_mm", row.centre[2]},
                         {"when", row.is_after ? "after" : "before"}});
  const auto id_at = [&](std::size_t other) {
    return other < index.samples.size() ? json(index.samples[other].files.id) : json(nullptr);
  };
  return {{"id", files.id},
          {"unit", unit.empty() ? json(nullptr) : json(unit)},
          {"window", window ? json{window->low, window->high} : json(nullptr)},
          {"volumes", volumes},
          {"masks",
           {{"before", url_of_drawn(archive, viewed)},
            {"after", url_of(root, dataset_folder, files.mask())},
            {"labels", binaries}}},
          {"labels", labels},
          {"groups", groups},
          {"regions", regions},
          {"previous", id_at(place - 1)},
          {"next", id_at(place + 1)},
          {"verdict", verdict ? verdict_json(*verdict) : json(nullptr)}};
}

}  // namespace nicohort
