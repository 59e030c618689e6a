// Shows the table library to tests in other languages, as JSON. A table is {"columns": [...],
// "rows":
// [[...]]}; a cell is null, text, number, true or false, {"date": "YYYY-MM-DD HH:MM:SS"}, or
// {"time": "HH:MM:SS"}.
//
//   table_probe read FILE [SHEET]   prints a table
//   table_probe without_value FILE [SHEET]   prints what it says of formulas and errors
//   table_probe names FILE          prints the names of the worksheets
//   table_probe write FILE          writes the sheets on stdin: [{"name": ..., "table": ...}, ...]
//   table_probe put FILE            adds or replaces the sheet on stdin
//
// Exit status: 1 with "BadInput: subject: what" on stderr, 2 with "UsageError: what".

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "table/date_time.hpp"
#include "table/table_file.hpp"

namespace {

using namespace nicohort;
using nlohmann::json;

json to_json(const Cell& cell) {
  if (std::holds_alternative<Text>(cell)) return to_text(cell);
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth;
  if (const auto* date = std::get_if<DateTime>(&cell)) return {{"date", format(*date)}};
  if (const auto* time = std::get_if<ClockTime>(&cell)) return {{"time", format(*time)}};
  return nullptr;
}

Cell from_json(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  if (value.contains("time")) return parse_clock_time(value["time"].get<std::string>()).value();
  if (value.is_object()) return parse_date_time(value["date"].get<std::string>()).value();
  return {};
}

json to_json(const Table& table) {
  json rows = json::array();
  for (const auto& row : table.rows) {
    json& cells = rows.emplace_back(json::array());
    for (const auto& cell : row) cells.push_back(to_json(cell));
  }
  return {{"columns", table.columns}, {"rows", rows}};
}

Sheet sheet_from(const json& value) {
  Sheet sheet{value["name"], {value["table"]["columns"], {}}};
  for (const auto& row : value["table"]["rows"]) {
    auto& cells = sheet.table.rows.emplace_back();
    for (const auto& cell : row) cells.push_back(from_json(cell));
  }
  return sheet;
}

void run(const std::string& command, const std::string& file, const std::string& sheet) {
  if (command == "read") {
    std::cout << to_json(read_table(file, sheet)) << '\n';
  } else if (command == "without_value") {
    std::cout << json(text_of(read_table_file(file, sheet).without_value)) << '\n';
  } else if (command == "names") {
    std::cout << json(sheet_names(file)) << '\n';
  } else if (command == "write") {
    std::vector<Sheet> sheets;
    for (const auto& value : json::parse(std::cin)) sheets.push_back(sheet_from(value));
    write_table(file, sheets);
  } else {
    put_sheet(file, sheet_from(json::parse(std::cin)));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 64;
  try {
    run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
  } catch (const BadInput& bad) {
    std::cerr << "BadInput: " << bad.subject() << ": " << bad.what() << '\n';
    return 1;
  } catch (const UsageError& bad) {
    std::cerr << "UsageError: " << bad.what() << '\n';
    return 2;
  }
}
