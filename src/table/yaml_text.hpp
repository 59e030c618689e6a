// Values as YAML text, to be read and edited by people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "table/yaml.hpp"

namespace nicohort {

YamlValue yaml_text(std::string text);
YamlValue yaml_number(int number);
YamlValue yaml_list(std::vector<YamlValue> items);
YamlValue yaml_texts(const std::vector<std::string>& texts);
YamlValue yaml_map(std::vector<std::pair<std::string, YamlValue>> entries);

// `key: value` and the end of the line: in one line, `key: {a: 1}`, or with an entry or item a line
// where that would be too long, and for a list of maps. Texts are quoted where that is necessary.
std::string format_entry(const std::string& key, const YamlValue& value);

}  // namespace nicohort
