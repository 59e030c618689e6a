#include "table/xlsx_read.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/problem.hpp"
#include "table/grid.hpp"
#include "table/xlsx_text.hpp"
#include "table/xml.hpp"

namespace nicohort {

namespace {

// Far beyond Excel's 32,767 characters, which other programs do not all keep to.
constexpr std::size_t max_text_bytes = std::size_t{1} << 20;

void append_cell_text(std::string& text, std::string_view more) {
  if (text.size() + more.size() > max_text_bytes)
    throw BadInput(
        ProblemKind::unreadable_file,
        "a cell has more than 1 MB of text, but Excel allows only 32,767 characters; shorten it");
  text += more;
}

// Strings are told apart from their phonetic guides (`rPh`, how to read Chinese characters), which
// have text elements of their own.
class TextRuns {
 public:
  void clear() { text_.clear(); }
  void start(std::string_view name) {
    if (name == "rPh") ++phonetic_;
    if (name == "t" && phonetic_ == 0) open_ = true;
  }
  void end(std::string_view name) {
    if (name == "rPh" && phonetic_ > 0) --phonetic_;
    if (name == "t") open_ = false;
  }
  void add(std::string_view text) {
    if (open_) append_cell_text(text_, text);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  int phonetic_ = 0;
  bool open_ = false;
};

std::vector<std::string> read_shared_strings(const Package& package, const Workbook& workbook) {
  std::vector<std::string> strings;
  if (!workbook.shared_strings) return strings;
  // An item is five bytes in the file at least and some thirty in memory.
  constexpr std::size_t max_strings = 50'000'000;
  TextRuns runs;
  XmlEvents events;
  events.start = [&](const XmlElement& element) {
    if (element.name == "si") runs.clear();
    runs.start(element.name);
  };
  events.text = [&](std::string_view text) { runs.add(text); };
  events.end = [&](std::string_view name, std::size_t, std::size_t) {
    runs.end(name);
    if (name != "si") return;
    if (strings.size() == max_strings)
      throw BadInput(ProblemKind::unreadable_file, "the workbook has too many strings; split it");
    strings.push_back(decode_cell_text(runs.text()));
  };
  package.parse(*workbook.shared_strings, std::move(events));
  return strings;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

class SheetReader {
 public:
  SheetReader(const Package& package, const Workbook& workbook)
      : dates_(workbook.dates),
        calculates_on_load_(workbook.calculates_on_load),
        formats_(read_cell_formats(package, workbook)),
        strings_(read_shared_strings(package, workbook)),
        grid_(package.file_bytes()) {}

  ReadTable read(const Package& package, const std::string& part) {
    XmlEvents events;
    events.start = [this](const XmlElement& element) { start(element); };
    events.end = [this](std::string_view name, std::size_t, std::size_t) { end(name); };
    events.text = [this](std::string_view text) {
      if (in_value_) append_cell_text(value_, text);
      if (in_cell_) runs_.add(text);
    };
    package.parse(part, std::move(events));
    ReadTable table = std::move(grid_).to_table();
    table.without_value = without_value_;
    return table;
  }

 private:
  void start(const XmlElement& element) {
    if (in_cell_) {
      if (element.name == "v") in_value_ = true;
      if (element.name == "f") has_formula_ = true;
      runs_.start(element.name);
    } else if (in_rows_ && element.name == "c") {
      start_cell(element);
    } else if (in_rows_ && element.name == "row") {
      start_row(element);
    } else if (element.name == "sheetData") {
      in_rows_ = true;
    }
  }

  void end(std::string_view name) {
    if (name == "v") in_value_ = false;
    if (name == "sheetData") in_rows_ = false;
    if (!in_cell_) return;
    runs_.end(name);
    if (name != "c") return;
    in_cell_ = false;
    if (is_uncalculated()) {
      if (without_value_.formulas++ == 0) without_value_.first_formula = place();
    } else if (type_ == "e") {
      if (without_value_.errors++ == 0)
        without_value_.first_error = fmt::format("{} ({})", place(), trimmed(value_));
    } else {
      grid_.set(row_ - 1, column_ - 1, cell_value());
    }
  }

  bool is_uncalculated() const {
    if (!has_formula_ || type_ == "str") return false;  // calculated text may be empty
    return value_.empty() || (calculates_on_load_ && type_ == "n" && trimmed(value_) == "0");
  }

  std::string place() const { return column_letters(column_ - 1) + std::to_string(row_); }

  // Rows and cells without `r` follow the one before.
  void start_row(const XmlElement& element) {
    column_ = 0;
    ++row_;
    if (const auto number = element.get("r")) {
      const auto text = trimmed(*number);
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), row_);
      if (error != std::errc{} || stop != text.data() + text.size()) row_ = 0;
    }
    check_place(element.get("r").value_or("the row"));
  }

  void start_cell(const XmlElement& element) {
    in_cell_ = true;
    has_formula_ = false;
    value_.clear();
    runs_.clear();
    ++column_;
    if (const auto place = element.get("r")) parse_place(trimmed(*place));
    type_ = element.get("t").value_or("n");
    style_ = 0;
    if (const auto style = element.get("s"))
      std::from_chars(style->data(), style->data() + style->size(), style_);
    check_place(element.get("r").value_or("the cell"));
  }

  // `AB12`: letters are the column in base 26, digits the row.
  void parse_place(std::string_view place) {
    column_ = 0;
    std::size_t i = 0;
    for (; i < place.size() && i < 4; ++i) {
      const char letter = static_cast<char>(place[i] & ~0x20);
      if (letter < 'A' || letter > 'Z') break;
      column_ = column_ * 26 + static_cast<std::uint32_t>(letter - 'A' + 1);
    }
    row_ = 0;
    const char* last = place.data() + place.size();
    const auto [stop, error] = std::from_chars(place.data() + i, last, row_);
    if (error != std::errc{} || stop != last) row_ = 0;
  }

  void check_place(std::string_view place) const {
    if (row_ < 1 || row_ > max_sheet_rows || column_ > max_sheet_columns ||
        (in_cell_ && column_ < 1)) {
      throw BadInput(
          ProblemKind::unreadable_file,
          "the worksheet is damaged: " + std::string(place) +
              " is not within Excel's 1,048,576 rows and 16,384 columns; save it again in Excel");
    }
  }

  [[noreturn]] void throw_bad_cell(const std::string& why) const {
    throw BadInput(ProblemKind::unreadable_file,
                   "row " + std::to_string(row_) + ", column " + std::to_string(column_) + ": " +
                       why + "; correct the cell and save the workbook again");
  }

  Cell cell_value() const {
    if (type_ == "s") return shared_string();
    if (type_ == "inlineStr") return decode_cell_text(runs_.text().empty() ? value_ : runs_.text());
    if (type_ == "str") return decode_cell_text(value_);
    const auto text = trimmed(value_);
    if (text.empty()) return {};
    if (type_ == "b") return text == "1" || text == "true";
    if (type_ == "d") return iso_date(text);
    return number(text);
  }

  Cell shared_string() const {
    const auto text = trimmed(value_);
    if (text.empty()) return {};
    std::size_t index = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{} || stop != text.data() + text.size() || index >= strings_.size())
      throw_bad_cell("it refers to text number " + std::string(text) + ", the workbook has " +
                     std::to_string(strings_.size()));
    return strings_[index];
  }

  static Cell iso_date(std::string_view text) {
    if (const auto date = parse_date_time(text)) return *date;
    return std::string(text);
  }

  Cell number(std::string_view text) const {
    const std::string_view digits = text.substr(text.starts_with('+') ? 1 : 0);
    double value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (stop != digits.data() + digits.size() || error == std::errc::invalid_argument)
      throw_bad_cell("\"" + std::string(text) + "\" is not a number");
    if (error == std::errc::result_out_of_range || !std::isfinite(value)) return {};
    if (style_ < formats_.size()) return number_or_date(value, formats_[style_]);
    return value;
  }

  // As openpyxl has it: what is below a day is a time of day, whatever of it is shown.
  Cell number_or_date(double value, FormatKind kind) const {
    const bool is_time = kind == FormatKind::duration ||
                         (kind != FormatKind::other && value < 1 &&
                          (dates_ == DateSystem::from_1900 || kind == FormatKind::time));
    if (is_time) {
      if (const auto time = time_from_serial(value)) return *time;
    } else if (kind != FormatKind::other) {
      if (const auto date = date_from_serial(value, dates_)) return *date;
    }
    return value;
  }

  DateSystem dates_;
  bool calculates_on_load_;
  std::vector<FormatKind> formats_;
  std::vector<std::string> strings_;
  Grid grid_;
  WithoutValue without_value_;

  bool in_rows_ = false, in_cell_ = false, in_value_ = false, has_formula_ = false;
  std::uint32_t row_ = 0, column_ = 0;  // from 1; 0 before the first
  std::string type_, value_;
  std::size_t style_ = 0;
  TextRuns runs_;
};

}  // namespace

ReadTable read_worksheet(const Package& package, const Workbook& workbook,
                         const WorkbookSheet& sheet) {
  ReadTable table = SheetReader(package, workbook).read(package, sheet.part);
  table.sheet = sheet.name;
  table.is_hidden = sheet.is_hidden;
  return table;
}

}  // namespace nicohort
