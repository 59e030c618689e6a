#include "recipe/condition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/near_miss.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end && std::isfinite(number) ? std::optional(number)
                                                                      : std::nullopt;
}

bool is_truth(const std::string& text) {
  const std::string lower = lower_case(text);
  return lower == "true" || lower == "false";
}

// The digits of a whole number that is written as such, `0012` or `12.0`: however many there are,
// as in identifiers, of which a double tells only the first 15 apart.
std::optional<std::string> digits_of(const std::string& text) {
  std::string_view digits = text;
  if (const std::size_t point = digits.find('.'); point != std::string_view::npos) {
    if (digits.find_first_not_of('0', point + 1) != std::string_view::npos) return {};
    digits = digits.substr(0, point);
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return {};
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return std::string(digits);
}

}  // namespace

bool is_same_value(const std::string& one, const std::string& other) {
  if (one == other) return true;
  if (const auto digits = digits_of(one), others = digits_of(other); digits && others)
    return digits == others;
  if (const auto number = number_of(one)) return number == number_of(other);
  return is_truth(one) && lower_case(one) == lower_case(other);
}

bool Condition::Wish::is_fulfilled(const std::string& value) const {
  return std::any_of(values.begin(), values.end(), [&](const std::string& wanted) {
    return is_of_part ? value == wanted : is_same_value(value, wanted);
  });
}

bool Condition::is_fulfilled(const ValueOf& value_of) const {
  return std::all_of(wishes.begin(), wishes.end(),
                     [&](const Wish& wish) { return wish.is_fulfilled(value_of(wish.column)); });
}

bool Condition::is_ruled_out(const ValueOf& value_of) const {
  return std::any_of(wishes.begin(), wishes.end(), [&](const Wish& wish) {
    const std::string value = value_of(wish.column);
    return (wish.is_of_part || !value.empty()) && !wish.is_fulfilled(value);
  });
}

Condition Condition::of_parts() const {
  Condition only;
  std::copy_if(wishes.begin(), wishes.end(), std::back_inserter(only.wishes),
               [](const Wish& wish) { return wish.is_of_part; });
  return only;
}

Condition read_condition(const YamlValue& map, const std::string& key, const Parts& parts,
                         const RecipeSource& source) {
  if (!map.is_map() || map.entries.empty())
    source.fail(map.line,
                fmt::format("`{}` is not a map of column: value, or list of values", key));
  source.require_distinct_keys(map, key);
  Condition condition;
  for (const YamlEntry& entry : map.entries) {
    const auto index = index_of(parts, entry.key);
    Condition::Wish wish{entry.key, source.texts(entry.value, entry.key, true), index.has_value(),
                         entry.line};
    if (wish.values.empty())
      source.fail(entry.line, fmt::format("`{}`: `{}` has no value", key, entry.key));
    for (const std::string& value : wish.values)
      if (index && parts[*index].has_values() && !parts[*index].has_value(value) &&
          !(value.empty() && parts[*index].can_be_empty))
        source.fail(entry.line,
                    fmt::format("`{}`: `{}` is not a short form of `{}`; {}", key, value, entry.key,
                                did_you_mean(value, parts[*index].short_forms())));
    condition.wishes.push_back(std::move(wish));
  }
  return condition;
}

}  // namespace nicohort
