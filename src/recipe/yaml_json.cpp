#include "recipe/yaml_json.hpp"

#include <nlohmann/json.hpp>

#include "recipe/reader.hpp"

namespace nicohort {
namespace {

using nlohmann::json;

json json_of_scalar(const YamlValue& value) {
  if (value.is_quoted) return value.text;
  if (value.text == "true" || value.text == "false") return value.text == "true";
  if (value.text == ".inf" || value.text == "-.inf") return value.text == ".inf" ? "inf" : "-inf";
  double number = 0;
  if (!read_number(value, number)) return value.text;
  const json exact = json::parse(value.text, nullptr, false);  // whole numbers stay whole
  return exact.is_number() ? exact : json(number);
}

json json_of_value(const YamlValue& value) {
  json result;
  if (value.is_scalar()) return json_of_scalar(value);
  if (value.is_list()) {
    result = json::array();
    for (const YamlValue& item : value.items) result.push_back(json_of_value(item));
  }
  if (value.is_map()) {
    result = json::object();
    for (const YamlEntry& entry : value.entries) result[entry.key] = json_of_value(entry.value);
  }
  return result;
}

}  // namespace

std::string json_of(const YamlValue& value) {
  return json_of_value(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace nicohort
