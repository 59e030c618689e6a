#include "cli/step_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdlib>
#include <variant>

namespace nicohort {
namespace {

std::string json_of_text(const std::string& word) {
  std::string quoted = "\"";
  for (char c : word) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

std::string json_of_word(const std::string& word) {
  char* end = nullptr;
  const double number = std::strtod(word.c_str(), &end);
  if (!word.empty() && *end == '\0' && std::isfinite(number)) return fmt::format("{}", number);
  return json_of_text(word);
}

// How many words an option of the kind takes, what they are, and the words of its default.
struct Form {
  int least, most;
  std::string type, default_text;
};
struct FormOf {
  const Parameter& parameter;

  Form number(const std::string& type, double value) const {
    const bool is_value = value >= parameter.lowest && value <= parameter.highest;
    return {1, 1, type, is_value ? fmt::format("{}", value) : ""};
  }
  Form operator()(const int* value) const { return number("INT", *value); }
  Form operator()(const std::uint32_t* value) const { return number("UINT", *value); }
  Form operator()(const double* value) const { return number("FLOAT", *value); }
  Form operator()(const bool*) const { return {0, 0, "", ""}; }
  Form operator()(const std::string*) const { return {1, 1, "TEXT", ""}; }
  Form operator()(const std::vector<std::string>*) const { return {1, 1000, "TEXT", ""}; }
  Form operator()(const std::map<int, std::string>*) const { return {1, 256, "TEXT", ""}; }
  Form operator()(const std::array<int, 2>* pair) const {
    return {2, 2, "INT", fmt::format("{} {}", (*pair)[0], (*pair)[1])};
  }
  Form operator()(const Window* window) const {
    return {2, 2, "FLOAT", fmt::format("{} {}", window->low, window->high)};
  }
  Form operator()(const SmallerThan* size) const {
    return {1, 1, "FLOAT", fmt::format("{}", size->amount)};
  }
  Form operator()(const Choice* choice) const {
    return {1, 1, fmt::format("{}", fmt::join(choice->words, "|")), choice->word()};
  }
};

bool is_text(const Parameter& parameter) {
  return std::holds_alternative<std::string*>(parameter.place) ||
         std::holds_alternative<std::vector<std::string>*>(parameter.place);
}

// Also takes the owner along, if there is one.
void add_option(Command& command, const Parameter& parameter,
                const std::shared_ptr<std::set<std::string>>& given, const StepPtr& owner) {
  if (bool* const* flag = std::get_if<bool*>(&parameter.place)) {
    command.flag(parameter.option, **flag, parameter.help);
    return;
  }
  const auto [least, most, type, default_text] = std::visit(FormOf{parameter}, parameter.place);
  auto set = [parameter, given, owner, most = most](const std::vector<std::string>& words) {
    std::vector<std::string> values;
    for (const std::string& word : words)
      values.push_back(is_text(parameter) ? json_of_text(word) : json_of_word(word));
    set_parameter(parameter,
                  most == 1 ? values.front() : fmt::format("[{}]", fmt::join(values, ",")));
    if (given) given->insert(parameter.name);
  };
  const std::string help =
      parameter.help + (default_text.empty() ? "" : " (default: " + default_text + ")");
  Option option = command.words(parameter.option, least, set, help)
                      .type_name(parameter.type_name.empty() ? type : parameter.type_name);
  if (least != most) option.takes(least, most);
  if (parameter.is_table) option.names_a_table().required();
}

}  // namespace

void add_parameter_options(Command& command, const Parameters& parameters,
                           const std::shared_ptr<std::set<std::string>>& given) {
  for (const Parameter& parameter : parameters)
    if (!parameter.option.empty()) add_option(command, parameter, given, nullptr);
}

void add_step_options(Command& command, const StepPtr& step) {
  for (const Parameter& parameter : step->parameters())
    if (!parameter.option.empty()) add_option(command, parameter, nullptr, step);
}

}  // namespace nicohort
