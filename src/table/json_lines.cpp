#include "table/json_lines.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  try {
    return Json(text).dump();
  } catch (const Json::type_error&) {
    throw BadInput(ProblemKind::table, fmt::format("the text \"{}\" is not UTF-8", text));
  }
}

std::string json_of(const Cell& cell) {
  if (is_empty(cell)) return "null";
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "true" : "false";
  if (const auto* number = std::get_if<double>(&cell))
    return std::isfinite(*number) ? format_number(*number) : "null";
  return quoted(to_text(cell));
}

Cell cell_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  throw BadInput(ProblemKind::unreadable_file, "a value is a list or an object");
}

}  // namespace

std::string format_json_lines(const Table& table) {
  std::vector<std::string> keys;
  for (const std::string& column : table.columns) keys.push_back(quoted(column) + ": ");
  std::string out;
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "{" : ", ";
      out += keys[i];
      out += json_of(row[i]);
    }
    out += "}\n";
  }
  return out;
}

Table parse_json_lines(std::string_view text) {
  Table table;
  std::unordered_map<std::string, std::size_t> columns;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view object = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (object.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      const Json json = Json::parse(object);
      if (!json.is_object()) throw BadInput(ProblemKind::unreadable_file, "it is no JSON object");
      auto& row = table.rows.emplace_back(table.columns.size());
      for (const auto& [key, value] : json.items()) {
        const auto [column, is_new] = columns.emplace(key, table.columns.size());
        if (is_new) table.columns.push_back(key);
        row.resize(table.columns.size());
        row[column->second] = cell_of(value);
      }
      table.rows_in_file.push_back(static_cast<std::uint32_t>(line));
    } catch (const Json::exception&) {
      throw BadInput(ProblemKind::unreadable_file, fmt::format("line {}: no valid JSON", line));
    } catch (const BadInput& bad) {
      throw BadInput(ProblemKind::unreadable_file, fmt::format("line {}: {}", line, bad.what()));
    }
  }
  for (auto& row : table.rows) row.resize(table.columns.size());
  return table;
}

}  // namespace nicohort
