#include "step/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nicohort {

std::string file_name_form(std::string name) {
  for (char& c : name)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) <= ' ') c = '_';
  return name;
}

bool is_existence_name(const std::string& name) {
  return ("_" + name).ends_with("_existence");
}

std::optional<std::uint8_t> label_named(const LabelNames& labels, const std::string& name) {
  const auto named = std::find_if(labels.begin(), labels.end(), [&](const auto& label) {
    return label.second == file_name_form(name);
  });
  return named == labels.end() ? std::nullopt : std::optional(named->first);
}

std::optional<std::uint8_t> find_label(const LabelNames& labels, const std::string& text) {
  if (const auto named = label_named(labels, text)) return named;
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number == 0 || labels.contains(number) ? std::optional(number) : std::nullopt;
}

std::array<bool, 256> labels_named(const LabelNames& labels,
                                   const std::vector<std::string>& names) {
  std::array<bool, 256> named{};
  for (const std::string& name : names) {
    if (const auto label = find_label(labels, name))
      named[*label] = true;
    else if (name == all_but_background)
      std::fill(named.begin() + 1, named.end(), true);
  }
  return named;
}

std::array<bool, 256> LabelGroup::chosen() const {
  std::array<bool, 256> all{};
  for (std::uint8_t label : labels) all[label] = true;
  return all;
}

std::string label_text(std::uint8_t label, const std::string& name) {
  return fmt::format("{:02d}_{}", label, name);
}

std::string mask_column(std::uint8_t label, const std::string& name) {
  return "mask_" + label_text(label, name);
}

}  // namespace nicohort
