#include "cohort/label_names.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/problem.hpp"
#include "cohort/yaml.hpp"

namespace nicohort {

LabelNames label_names_of(const YAML::Node& names, const std::string& source) {
  auto fail = [&](const std::string& what) {
    throw UsageError(
        fmt::format("label map {}: {}; it should read `short_form_index_map: {{0: Bg, 1: EsoROI}}`",
                    source, what));
  };
  if (!names || !names.IsMap() || names.size() == 0) fail("has no labels");
  LabelNames map;
  for (const auto& entry : names) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar())
      fail("has an entry that is not `label: name`");
    const std::string& key = entry.first.Scalar();
    int label = -1;
    auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), label);
    if (error != std::errc() || end != key.data() + key.size() || label < 0 || label > 255)
      fail(fmt::format("`{}` is not a label from 0 to 255", key));
    std::string name = entry.second.Scalar();
    if (name.empty()) fail(fmt::format("label {} has no name", label));
    for (char& c : name)
      if (c == '/' || c == '\\' || static_cast<unsigned char>(c) <= ' ') c = '_';
    if (!map.emplace(static_cast<std::uint8_t>(label), name).second)
      fail(fmt::format("names label {} twice", label));
  }
  return map;
}

LabelNames parse_label_names(std::string_view text, const std::string& source) {
  YAML::Node root = parse_yaml(text, "label map " + source);
  return label_names_of(root.IsMap() ? root["short_form_index_map"] : YAML::Node(), source);
}

LabelNames load_label_names(const std::filesystem::path& path) {
  return parse_label_names(read_small_text(path), path.string());
}

std::string label_text(std::uint8_t label, const std::string& name) {
  return fmt::format("{:02d}_{}", label, name);
}

std::string mask_column(std::uint8_t label, const std::string& name) {
  return "mask_" + label_text(label, name);
}

}  // namespace nicohort
