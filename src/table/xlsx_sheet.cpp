#include "table/xlsx_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/problem.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"
#include "table/xlsx_text.hpp"

namespace nicohort {

namespace {

// Widths in characters; East Asian ones are twice as wide as others.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0, widest = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t character = decode_utf8(text, i);
    width = character == '\n' ? 0 : width + (character >= 0x1100 ? 2 : 1);
    widest = std::max(widest, width);
  }
  return widest;
}

void append_columns(std::string& out, const Table& table) {
  constexpr std::size_t narrowest = 8, broadest = 60, padding = 2, looked_at = 200;
  out += "<cols>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t width = width_of(table.columns[i]);
    for (std::size_t row = 0; row < std::min(table.rows.size(), looked_at); ++row)
      width = std::max(width, width_of(to_text(table.rows[row][i])));
    fmt::format_to(std::back_inserter(out),
                   R"(<col min="{0}" max="{0}" width="{1}" customWidth="1"/>)", i + 1,
                   std::clamp(width + padding, narrowest, broadest));
  }
  out += "</cols>";
}

struct CellWriter {
  std::string& out;
  const SheetSettings& settings;

  // `<c r="B3" s="1"`, without the end of the tag.
  void open(std::string_view column, std::string_view row, std::optional<std::size_t> style) const {
    out.append("<c r=\"").append(column).append(row).append("\"");
    if (style) out.append(" s=\"").append(std::to_string(*style)).append("\"");
  }

  void text(std::string_view column, std::string_view row, std::string_view value,
            std::optional<std::size_t> style) const {
    if (value.empty()) return;
    open(column, row, style);
    // Without this, readers may drop blanks at the ends, and do drop line breaks.
    out.append(R"( t="inlineStr"><is><t xml:space="preserve">)")
        .append(encode_cell_text(value))
        .append("</t></is></c>");
  }

  void number(std::string_view column, std::string_view row, double value,
              std::optional<std::size_t> style) const {
    if (!std::isfinite(value)) return;
    open(column, row, style);
    out.append("><v>").append(format_number(value)).append("</v></c>");
  }

  void cell(std::string_view column, std::string_view row, const Cell& value) const {
    if (const auto* characters = std::get_if<Text>(&value)) {
      text(column, row, *characters, std::nullopt);
    } else if (const auto* amount = std::get_if<double>(&value)) {
      number(column, row, *amount, std::nullopt);
    } else if (const auto* truth = std::get_if<bool>(&value)) {
      open(column, row, std::nullopt);
      out.append(*truth ? R"( t="b"><v>1</v></c>)" : R"( t="b"><v>0</v></c>)");
    } else if (const auto* date = std::get_if<DateTime>(&value)) {
      const auto serial = serial_from_date(*date, settings.dates);
      date_or_text(column, row, serial, style_of(*date), format(*date));
    } else if (const auto* time = std::get_if<ClockTime>(&value)) {
      date_or_text(column, row, serial_from_time(*time), style_of(*time), format(*time));
    }
  }

  void date_or_text(std::string_view column, std::string_view row, std::optional<double> serial,
                    std::optional<std::size_t> style, const std::string& instead) const {
    if (serial && style)
      number(column, row, *serial, style);
    else
      text(column, row, instead, std::nullopt);
  }

  // A style that shows too little is better than none, with which the cell would be text.
  std::optional<std::size_t> style_of(const DateTime& date) const {
    const auto [first, second] = date.time.count() == 0
                                     ? std::pair(settings.date_style, settings.date_time_style)
                                     : std::pair(settings.date_time_style, settings.date_style);
    return first ? first : second;
  }
  // Only a duration can be more than a day, and only in the 1900 system a date is not below one.
  std::optional<std::size_t> style_of(const ClockTime& time) const {
    const bool is_below_a_day = time.value < std::chrono::days(1);
    if (is_below_a_day && settings.time_style) return settings.time_style;
    if (settings.duration_style) return settings.duration_style;
    if (!is_below_a_day || settings.dates != DateSystem::from_1900) return std::nullopt;
    return settings.date_time_style ? settings.date_time_style : settings.date_style;
  }
};

void write_worksheet(const Table& table, const SheetSettings& settings, const PieceSink& sink) {
  if (table.rows.size() >= max_sheet_rows || table.columns.size() > max_sheet_columns) {
    throw BadInput(ProblemKind::table, fmt::format("a table of {} rows and {} columns does not fit "
                                                   "into a worksheet ({} and {}); write CSV",
                                                   table.rows.size() + 1, table.columns.size(),
                                                   max_sheet_rows, max_sheet_columns));
  }
  constexpr std::size_t piece_bytes = std::size_t{1} << 20;
  std::vector<std::string> letters;
  for (std::size_t i = 0; i < table.columns.size(); ++i) letters.push_back(column_letters(i));

  std::string out = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
      "\n"
      R"(<worksheet xmlns="{}"><dimension ref="A1{}"/><sheetViews><sheetView{} workbookViewId="0">)"
      R"(<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>)"
      R"(<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>)",
      settings.main_namespace,
      letters.empty() ? "" : fmt::format(":{}{}", letters.back(), table.rows.size() + 1),
      settings.selected ? R"( tabSelected="1")" : "");
  if (!letters.empty()) append_columns(out, table);
  out += "<sheetData>";
  const CellWriter writer{out, settings};
  if (!letters.empty()) {
    out += R"(<row r="1">)";
    for (std::size_t i = 0; i < letters.size(); ++i)
      writer.text(letters[i], "1", table.columns[i], settings.header_style);
    out += "</row>";
  }
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string number = std::to_string(row + 2);
    out.append("<row r=\"").append(number).append("\">");
    for (std::size_t i = 0; i < letters.size(); ++i)
      writer.cell(letters[i], number, table.rows[row][i]);
    out += "</row>";
    if (out.size() < piece_bytes) continue;
    sink(out);
    out.clear();
  }
  out += "</sheetData></worksheet>";
  sink(out);
}

}  // namespace

PartWriter worksheet_xml(const Table& table, const SheetSettings& settings) {
  return [&](const PieceSink& sink) { write_worksheet(table, settings, sink); };
}

}  // namespace nicohort
