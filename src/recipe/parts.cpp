#include "recipe/parts.hpp"

#include <algorithm>
#include <array>

namespace nicohort {
namespace {

// Columns that manifests have anyway, and placeholders that mean something else.
constexpr std::array<std::string_view, 23> taken{"ID",
                                                 "any",
                                                 "channel",
                                                 "diff_trans_f_norm",
                                                 "dtype",
                                                 "file_path",
                                                 "info",
                                                 "label",
                                                 "mask",
                                                 "mask_dtype",
                                                 "orientation_from",
                                                 "orientation_to",
                                                 "spx",
                                                 "spy",
                                                 "spz",
                                                 "szx",
                                                 "szy",
                                                 "szz",
                                                 "transform",
                                                 "type",
                                                 "valid_labels",
                                                 "vol_dtype",
                                                 "volume"};

bool is_name_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool Part::has_value(std::string_view short_form) const {
  return std::any_of(values.begin(), values.end(),
                     [&](const auto& value) { return value.first == short_form; });
}

std::string Part::in_archive(const std::string& short_form) const {
  for (const auto& [form, there] : values)
    if (form == short_form) return there;
  return short_form;
}

std::string Part::short_form(const std::string& in_archive) const {
  for (const auto& [form, there] : values)
    if (there == in_archive) return form;
  return in_archive;
}

std::vector<std::string> Part::short_forms() const {
  std::vector<std::string> forms;
  for (const auto& [form, there] : values) forms.push_back(form);
  return forms;
}

std::optional<std::size_t> index_of(const Parts& parts, std::string_view name) {
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].name == name) return i;
  return {};
}

std::vector<std::string> names_of(const Parts& parts) {
  std::vector<std::string> names;
  for (const Part& part : parts) names.push_back(part.name);
  return names;
}

bool is_taken_name(std::string_view name) {
  return std::find(taken.begin(), taken.end(), name) != taken.end() || name.starts_with("mask_") ||
         name.starts_with("volume_");
}

std::string part_name_fault(std::string_view name) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_sign))
    return "is not a name of letters, digits and `_`";
  if (is_taken_name(name))
    return "is a name that nicohort uses for something else; give the part another";
  return "";
}

}  // namespace nicohort
