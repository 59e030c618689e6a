#include "table/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

constexpr std::size_t small_text_bytes = 1 << 20;

// Words that one of the YAML versions reads as boolean, null or number.
constexpr std::array<std::string_view, 12> reserved{
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What begins with a letter, is none of the reserved words and has no sign that means something to
// YAML is text in every version. All else is quoted: better one pair of quotes too many.
bool is_plain(std::string_view text) {
  if (text.empty() || !is_letter(text.front()) || text.back() == ' ') return false;
  auto harmless = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view(" _-/().+%").find(c) != std::string_view::npos;
  };
  if (!std::all_of(text.begin(), text.end(), harmless)) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(reserved.begin(), reserved.end(), lower) == reserved.end();
}

// What PyYAML refuses or takes for the end of a line, unless it is escaped: control characters (C0,
// DEL, C1), the separators of lines and paragraphs, and the marks of byte order.
bool needs_escape(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
         c == 0xfffe || c == 0xffff;
}

bool has_to_be_escaped(std::string_view text) {
  for (std::size_t i = 0; i < text.size();)
    if (needs_escape(decode_utf8(text, i))) return true;
  return false;
}

std::string double_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    const char32_t c = decode_utf8(text, i);
    if (c == '\n')
      quoted += "\\n";
    else if (needs_escape(c))
      quoted += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<std::uint32_t>(c))
                          : fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
    else if (c == '"' || c == '\\')
      quoted += {'\\', text[begin]};
    else
      quoted += text.substr(begin, i - begin);
  }
  return quoted + "\"";
}

// PyYAML takes a number with an exponent for text unless it has a point.
std::string yaml_number(double value) {
  std::string text = format_number(value);
  std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos)
    text.insert(exponent, ".0");
  return text;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

// Builds the value of the first document.
class Builder : public YAML::EventHandler {
 public:
  YamlValue take() { return std::move(root_); }

 private:
  // What is being read, from the outside in. Its values are moved into what holds them when they
  // are whole.
  struct Open {
    YamlValue value;
    std::optional<YamlEntry> entry;  // of a map: its key has been read
  };

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    put(value_at(mark, YamlValue::Kind::null));
  }
  // With a few aliases a small file stands for more values than there is memory, or for a value
  // that holds itself.
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "an alias (`*name`); write out the value that it stands for");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    YamlValue value = value_at(mark, YamlValue::Kind::scalar);
    value.text = text;
    value.is_quoted = tag == "!";
    put(std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, YamlValue::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, YamlValue::Kind::map);
  }
  void OnMapEnd() override { close(); }

  static YamlValue value_at(const YAML::Mark& mark, YamlValue::Kind kind) {
    YamlValue value;
    value.kind = kind;
    value.line = mark.line + 1;
    return value;
  }
  bool is_key_due() const {
    return !open_.empty() && open_.back().value.is_map() && !open_.back().entry;
  }
  void open(const YAML::Mark& mark, YamlValue::Kind kind) {
    if (is_key_due()) throw YAML::ParserException(mark, "a key that is a list or a map");
    open_.push_back({value_at(mark, kind), {}});
  }
  void close() {
    YamlValue value = std::move(open_.back().value);
    open_.pop_back();
    put(std::move(value));
  }
  void put(YamlValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& holder = open_.back();
    if (holder.value.is_list()) {
      holder.value.items.push_back(std::move(value));
    } else if (!holder.entry) {
      holder.entry = YamlEntry{std::move(value.text), value.line, {}};
    } else {
      holder.entry->value = std::move(value);
      holder.value.entries.push_back(std::move(*holder.entry));
      holder.entry.reset();
    }
  }

  YamlValue root_;
  std::vector<Open> open_;
};

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  for (const YamlEntry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

YamlValue parse_yaml(std::string_view text, const std::string& source) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder, next;
    parser.HandleNextDocument(builder);
    if (parser.HandleNextDocument(next)) {
      const YamlValue second = next.take();
      if (!second.is_null())
        throw UsageError(fmt::format("{}: has a second document (`---`); remove it", source));
    }
    return builder.take();
  } catch (const YAML::Exception& error) {
    throw UsageError(
        fmt::format("{}: is not YAML: line {}: {}", source, error.mark.line + 1, error.msg));
  }
}

std::string read_small_text(const std::filesystem::path& path) {
  try {
    return read_file(path, small_text_bytes);
  } catch (const BadInput& bad) {
    throw UsageError(fmt::format("{}: {}", path.string(), bad.what()));
  }
}

std::string yaml_scalar(const Cell& cell) {
  if (is_empty(cell)) return "null";
  if (const bool* value = std::get_if<bool>(&cell)) return *value ? "true" : "false";
  if (const double* value = std::get_if<double>(&cell)) return yaml_number(*value);
  std::string text = to_text(cell);
  if (has_to_be_escaped(text)) return double_quoted(text);
  return std::holds_alternative<Text>(cell) && is_plain(text) ? text : single_quoted(text);
}

Cell yaml_cell(const YamlValue& value) {
  if (value.is_null()) return {};
  if (!value.is_scalar())
    throw BadInput(ProblemKind::unreadable_file, "has a list or map where one value is expected");
  const std::string& text = value.text;
  if (value.is_quoted) return text;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(number) &&
      yaml_number(number) == text)
    return number;
  return text;
}

}  // namespace nicohort
