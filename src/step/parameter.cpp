#include "step/parameter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using nlohmann::json;

// JSON has no infinity.
json json_of_bound(double bound) {
  if (std::isinf(bound)) return bound < 0 ? "-inf" : "inf";
  return bound;
}

std::optional<double> bound_of(const json& value) {
  if (value == "-inf" || value == "inf") return value == "inf" ? HUGE_VAL : -HUGE_VAL;
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<int> whole_number(const json& value) {
  if (!value.is_number()) return {};
  const double number = value.get<double>();
  if (number != std::floor(number) || std::abs(number) > 2e9) return {};
  return static_cast<int>(number);
}

std::optional<std::string> filled_text(const json& value) {
  if (!value.is_string() || value.get<std::string>().empty()) return {};
  return value.get<std::string>();
}

[[noreturn]] void fail(const Parameter& parameter, const std::string& what) {
  throw UsageError(fmt::format("`{}` {}", parameter.name, what));
}

struct ToJson {
  json operator()(const int* value) const { return *value; }
  json operator()(const std::uint32_t* value) const { return *value; }
  json operator()(const double* value) const { return *value; }
  json operator()(const bool* value) const { return *value; }
  json operator()(const std::string* value) const { return *value; }
  json operator()(const std::vector<std::string>* value) const { return *value; }
  json operator()(const std::map<int, std::string>* value) const {
    json object = json::object();
    for (const auto& [number, text] : *value) object[std::to_string(number)] = text;
    return object;
  }
  json operator()(const std::array<int, 2>* value) const { return *value; }
  json operator()(const Window* value) const {
    return {json_of_bound(value->low), json_of_bound(value->high)};
  }
  json operator()(const SmallerThan* value) const { return text_of(*value); }
  json operator()(const Choice* value) const { return value->word(); }
};

struct Check {
  const Parameter& parameter;

  void within(double number) const {
    if (number >= parameter.lowest && number <= parameter.highest) return;
    if (parameter.highest < std::numeric_limits<double>::max())
      fail(parameter, fmt::format("is {}; it should be from {} to {}", number, parameter.lowest,
                                  parameter.highest));
    fail(parameter, fmt::format("is {}; it should be {} or more", number, parameter.lowest));
  }
  void operator()(const int* value) const { within(*value); }
  void operator()(const std::uint32_t* value) const { within(*value); }
  void operator()(const double* value) const { within(*value); }
  void operator()(const bool*) const {}
  void operator()(const std::string*) const {}
  void operator()(const std::vector<std::string>*) const {}
  void operator()(const std::map<int, std::string>* value) const {
    for (const auto& [number, text] : *value) within(number);
  }
  void operator()(const std::array<int, 2>* value) const {
    for (int number : *value) within(number);
  }
  void operator()(const Window* value) const {
    if (!(value->low <= value->high))
      fail(parameter, fmt::format("is {} to {}; the first must not be above the second", value->low,
                                  value->high));
  }
  void operator()(const SmallerThan* value) const { within(value->amount); }
  void operator()(const Choice*) const {}
};

struct FromJson {
  const Parameter& parameter;
  const json& given;

  void operator()(int* value) const {
    const auto number = whole_number(given);
    if (!number) fail(parameter, "is not a whole number");
    *value = *number;
  }
  void operator()(std::uint32_t* value) const {
    const double number = given.is_number() ? given.get<double>() : 0.5;
    if (number != std::floor(number)) fail(parameter, "is not a whole number");
    Check{parameter}.within(number);
    *value = static_cast<std::uint32_t>(number);
  }
  void operator()(double* value) const {
    if (!given.is_number()) fail(parameter, "is not a number");
    Check{parameter}.within(given);
    *value = given;
  }
  void operator()(bool* value) const {
    if (!given.is_boolean()) fail(parameter, "is neither true nor false");
    *value = given;
  }
  void operator()(std::string* value) const {
    const auto text = filled_text(given);
    if (!text) fail(parameter, "is not a text");
    *value = *text;
  }
  void operator()(std::vector<std::string>* value) const {
    std::vector<std::string> texts;
    for (const json& item : given.is_array() ? given : json::array({given})) {
      const auto text = filled_text(item);
      if (!text) fail(parameter, "is not a text or a list of texts");
      texts.push_back(*text);
    }
    *value = texts;
  }
  void operator()(std::map<int, std::string>* value) const {
    std::map<int, std::string> texts;
    if (!given.is_object() || given.empty())
      fail(parameter, "is not a map of numbers to texts, such as {26: Bg}");
    for (const auto& [key, item] : given.items()) {
      int number = 0;
      const char* const end = key.data() + key.size();
      if (const auto [rest, error] = std::from_chars(key.data(), end, number);
          error != std::errc() || rest != end)
        fail(parameter, fmt::format("has `{}`, which is not a whole number", key));
      const auto text = item.is_number() ? std::optional(item.dump()) : filled_text(item);
      if (!text) fail(parameter, fmt::format("has no text for {}", number));
      if (!texts.emplace(number, *text).second)
        fail(parameter, fmt::format("names {} twice", number));
    }
    *value = texts;
  }
  void operator()(std::array<int, 2>* value) const {
    const bool is_pair = given.is_array() && given.size() == 2;
    const auto first = is_pair ? whole_number(given[0]) : std::nullopt,
               second = is_pair ? whole_number(given[1]) : std::nullopt;
    if (!first || !second) fail(parameter, "is not a list of two whole numbers");
    *value = {*first, *second};
  }
  void operator()(Window* value) const {
    const bool is_pair = given.is_array() && given.size() == 2;
    const auto low = is_pair ? bound_of(given[0]) : std::nullopt,
               high = is_pair ? bound_of(given[1]) : std::nullopt;
    if (!low || !high) fail(parameter, "is not a list of two numbers, the lowest and the highest");
    *value = {*low, *high};
  }
  void operator()(SmallerThan* value) const {
    try {
      *value = parse_smaller_than(given.is_string() ? given.get<std::string>() : given.dump(),
                                  value->dimensions);
    } catch (const UsageError& error) {
      fail(parameter, error.what());
    }
  }
  void operator()(Choice* value) const {
    const auto found = std::find(value->words.begin(), value->words.end(),
                                 given.is_string() ? given.get<std::string>() : "");
    if (found == value->words.end())
      fail(parameter, fmt::format("is not one of {}", fmt::join(value->words, ", ")));
    value->chosen = found - value->words.begin();
  }
};

}  // namespace

std::string json_of(const Parameter& parameter) {
  return std::visit(ToJson(), parameter.place).dump(-1, ' ', false, json::error_handler_t::replace);
}

void set_parameter(const Parameter& parameter, const std::string& text) {
  const json given = json::parse(text, nullptr, false);
  std::visit(FromJson{parameter, given}, parameter.place);
  check_parameter(parameter);
}

void check_parameter(const Parameter& parameter) {
  std::visit(Check{parameter}, parameter.place);
}

}  // namespace nicohort
