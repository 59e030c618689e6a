// Values of a recipe as the JSON that set_parameter() (step/parameter.hpp) takes.
#pragma once

#include <string>

#include "table/yaml.hpp"

namespace nicohort {

// A plain scalar that is a number, true or false is that, `.inf` and `-.inf` are "inf" and "-inf",
// all others are text.
std::string json_of(const YamlValue& value);

}  // namespace nicohort
