#include "cli/step_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdlib>
#include <variant>

namespace nicohort {
namespace {

std::string json_of_word(const std::string& word) {
  char* end = nullptr;
  const double number = std::strtod(word.c_str(), &end);
  if (!word.empty() && *end == '\0' && std::isfinite(number)) return fmt::format("{}", number);
  std::string quoted = "\"";
  for (char c : word) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

// How many words an option of the kind takes, and the words of its default.
struct Form {
  int words;
  std::string default_text;
};
Form form_of(const Parameter& parameter) {
  if (const auto* pair = std::get_if<std::array<int, 2>*>(&parameter.place))
    return {2, fmt::format("{} {}", (**pair)[0], (**pair)[1])};
  if (const auto* window = std::get_if<Window*>(&parameter.place))
    return {2, fmt::format("{} {}", (*window)->low, (*window)->high)};
  if (const auto* number = std::get_if<int*>(&parameter.place))
    return {1, fmt::format("{}", **number)};
  if (const auto* size = std::get_if<SmallerThan*>(&parameter.place))
    return {1, fmt::format("{}", (*size)->amount)};
  if (const auto* choice = std::get_if<Choice*>(&parameter.place)) return {1, (*choice)->word()};
  return {1, ""};
}

}  // namespace

void add_step_options(Command& command, const StepPtr& step) {
  for (const Parameter& parameter : step->parameters()) {
    const auto [words, default_text] = form_of(parameter);
    auto set = [parameter, step, words = words](const std::vector<std::string>& given) {
      std::vector<std::string> values;
      for (const std::string& word : given) values.push_back(json_of_word(word));
      set_parameter(parameter,
                    words == 1 ? values.front() : fmt::format("[{}]", fmt::join(values, ",")));
    };
    const std::string help =
        parameter.help + (default_text.empty() ? "" : " (default: " + default_text + ")");
    Option option = command.words(parameter.option, words, set, help);
    if (std::holds_alternative<std::string*>(parameter.place)) option.names_a_table().required();
  }
}

}  // namespace nicohort
