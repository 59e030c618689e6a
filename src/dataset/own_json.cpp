#include "dataset/own_json.hpp"

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using nlohmann::json;

constexpr int deepest = 16;

class Check {
 public:
  explicit Check(const std::set<std::string_view>& fractional) : fractional_(fractional) {}

  void operator()(const json& value, bool may_have_fraction, bool is_parameter, int depth) const {
    if (value.is_number_float() && !may_have_fraction)
      throw BadInput(ProblemKind::unreadable_file, "has a fraction in a whole number");
    if (!value.is_structured()) return;
    if (depth == deepest)
      throw BadInput(ProblemKind::unreadable_file, "has values nested without end");
    for (const auto& item : value.items()) {
      const bool is_below = is_parameter || (value.is_object() && item.key() == "parameters");
      (*this)(
          item.value(),
          is_below || (value.is_object() ? fractional_.contains(item.key()) : may_have_fraction),
          is_below, depth + 1);
    }
  }

 private:
  const std::set<std::string_view>& fractional_;
};

}  // namespace

json parse_own_json(const std::string& text, const std::set<std::string_view>& fractional) {
  json value = json::parse(text);
  Check{fractional}(value, false, false, 0);
  return value;
}

}  // namespace nicohort
