#include "table/csv.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/problem.hpp"
#include "table/date_time.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// The separator by the first line that has something on it.
char find_separator(std::string_view text) {
  bool quoted = false, has_begun = false;
  std::size_t commas = 0, semicolons = 0, tabs = 0;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if ((c == '\n' || c == '\r') && !quoted) {
      if (has_begun) break;
      continue;
    }
    has_begun = true;
    if (quoted) continue;
    commas += c == ',';
    semicolons += c == ';';
    tabs += c == '\t';
  }
  if (commas >= semicolons && commas >= tabs) return ',';
  return semicolons >= tabs ? ';' : '\t';
}

// Reads the text field by field.
class Reader {
 public:
  Reader(std::string_view text, char separator) : text_(text), separator_(separator) {
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    if (separator != 0) return;
    separator_ = find_separator(text_);
    if (text_.starts_with("sep=") && text_.size() > 5 && (text_[5] == '\n' || text_[5] == '\r')) {
      separator_ = text_[4];
      position_ = 5;
      end_line();
    }
  }

  bool at_end() const { return position_ == text_.size(); }
  std::size_t line() const { return line_; }

  bool is_quoted() const { return !at_end() && text_[position_] == '"'; }

  // The next field of this line. Behind it stands a separator, the end of the line, or nothing.
  Cell field() {
    if (!is_quoted()) {
      const std::size_t start = position_;
      while (!at_field_end()) ++position_;
      return value_of_text(text_.substr(start, position_ - start));
    }
    const std::size_t opened = line_;
    std::string value;
    for (++position_;; ++position_) {
      if (at_end())
        throw BadInput(ProblemKind::unreadable_file,
                       at_line(opened) + "a quote is opened and never closed; close it");
      const char c = text_[position_];
      if (c == '"') {
        ++position_;
        if (at_end() || text_[position_] != '"') break;
      }
      if (c == '\n' || (c == '\r' && text_.substr(position_ + 1, 1) != "\n")) ++line_;
      value += c;
    }
    if (!at_field_end()) {
      throw BadInput(
          ProblemKind::unreadable_file,
          at_line(line_) + "there is text after a closing quote; double the quotes inside a field");
    }
    return value;
  }

  bool take_separator() {
    if (at_end() || text_[position_] != separator_) return false;
    ++position_;
    return true;
  }

  void end_line() {
    if (at_end()) return;
    const bool both = text_.substr(position_, 2) == "\r\n";
    position_ += both ? 2 : 1;
    ++line_;
  }

  static std::string at_line(std::size_t line) { return "line " + std::to_string(line) + ": "; }

 private:
  bool at_field_end() const {
    return at_end() || text_[position_] == separator_ || text_[position_] == '\n' ||
           text_[position_] == '\r';
  }

  std::string_view text_;
  std::size_t position_ = 0, line_ = 1;
  char separator_;
};

void check_encoding(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
      text.find('\0') != std::string_view::npos) {
    throw BadInput(ProblemKind::unreadable_file,
                   "the text is UTF-16 or binary, not UTF-8; save it as \"CSV UTF-8\"");
  }
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    line += text[i] == '\n';
    if (decode_utf8(text, i) == not_utf8) {
      throw BadInput(
          ProblemKind::unreadable_file,
          Reader::at_line(line) + "bytes that are not UTF-8; save the file as \"CSV UTF-8\"");
    }
  }
}

void append_text(std::string& out, std::string_view text, bool is_header) {
  if (!is_utf8(text))
    throw BadInput(ProblemKind::table,
                   "text that is not UTF-8 cannot be written: " + std::string(text));
  if (text.find('\0') != std::string_view::npos)
    throw BadInput(ProblemKind::table,
                   "text with a NUL character cannot be written; remove the character");
  // A header with other separators in it would be cut there, see find_separator.
  const bool quote = text.find_first_of(",\"\r\n") != std::string_view::npos ||
                     (is_header && text.find_first_of(";\t") != std::string_view::npos) ||
                     text.starts_with(byte_order_mark) || text.starts_with("sep=") ||
                     is_error_value(text) || !std::holds_alternative<Text>(value_of_text(text));
  if (!quote) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

Cell value_of_text(std::string_view text) {
  if (text == "TRUE") return true;
  if (text == "FALSE") return false;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(number) &&
      format_number(number) == text)
    return number;
  if (const auto date = parse_date_time(text); date && format(*date) == text) return *date;
  if (const auto time = parse_clock_time(text); time && format(*time) == text) return *time;
  return std::string(text);
}

Table parse_csv(std::string_view text) {
  return read_csv(text).table;
}

ReadTable read_csv(std::string_view text, char separator) {
  check_encoding(text);
  Reader reader(text, separator);
  Grid grid(text.size());
  WithoutValue without_value;
  std::size_t width = 0;  // of the header; 0 before it
  for (std::uint32_t row = 0; !reader.at_end(); ++row) {
    const std::size_t line = reader.line();
    std::uint32_t column = 0;
    bool any = false;
    do {
      const bool is_quoted = reader.is_quoted();
      Cell cell = reader.field();
      const auto* characters = std::get_if<Text>(&cell);
      if (!is_quoted && characters && is_error_value(*characters)) {
        if (without_value.errors++ == 0)
          without_value.first_error = column_letters(column) + std::to_string(row + 1) + " (" +
                                      std::string(characters->view()) + ")";
        any = true;
      } else if (!characters || !characters->empty()) {
        if (width != 0 && column >= width) {
          throw BadInput(ProblemKind::unreadable_file,
                         Reader::at_line(line) + "more cells than the header (" +
                             std::to_string(width) + "); quote text that holds the separator");
        }
        any = true;
        grid.set(row, column, std::move(cell));
      }
      ++column;
    } while (reader.take_separator());
    if (any && width == 0) width = column;
    reader.end_line();
  }
  ReadTable read = std::move(grid).to_table();
  read.without_value = std::move(without_value);
  return read;
}

std::string format_csv(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    append_text(out, table.columns[i], true);
  }
  out += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      const auto* number = std::get_if<double>(&row[i]);
      if (const auto* characters = std::get_if<Text>(&row[i])) {
        append_text(out, *characters, false);
      } else if (!number || std::isfinite(*number)) {
        out += to_text(row[i]);
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace nicohort
