#include "view/review_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr std::size_t longest_name = 200;

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
  });
}

std::string fault_of(const Verdict& verdict) {
  if (!is_verdict(verdict.verdict)) return "the verdict is not accept, fix or reject";
  if (utf16_length(verdict.comment) > max_cell_units)
    return fmt::format("the comment is longer than {} characters", max_cell_units);
  if (utf16_length(verdict.reviewer) > longest_name)
    return fmt::format("the reviewer's name is longer than {} characters", longest_name);
  if (has_control_character(verdict.comment) || has_control_character(verdict.reviewer))
    return "the text contains a control character";
  return {};
}

}  // namespace

std::optional<Verdict> parse_verdict(std::string_view body, std::string& fault) {
  try {
    const auto json = nlohmann::json::parse(body);
    Verdict verdict{json.at("verdict").get<std::string>(),
                    json.at("comment").get<std::string>(),
                    json.at("reviewer").get<std::string>(),
                    {}};
    fault = fault_of(verdict);
    if (fault.empty()) return verdict;
  } catch (const nlohmann::json::exception&) {
    fault = "this is not a JSON object with the texts verdict, comment and reviewer";
  }
  return {};
}

}  // namespace nicohort
