// Reading of XML as a stream of events. Names are given without their prefix: writers of workbooks
// are free in their choice of prefixes, and the names they use mean one thing each.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nicohort {

// `row` for `x:row`.
std::string_view local_name(std::string_view qualified);

struct XmlElement {
  std::string_view qualified;  // with its prefix
  std::string_view name;       // without
  const char** attributes;     // name, value, name, value, ..., nullptr
  std::size_t begin, end;      // of the start tag, in bytes of the input

  // The value of an attribute without prefix.
  std::optional<std::string_view> get(std::string_view attribute) const;
  // The value of an attribute with any prefix, as `id` for `r:id`.
  std::optional<std::string_view> get_prefixed(std::string_view attribute) const;
};

struct XmlEvents {
  std::function<void(const XmlElement&)> start = [](const XmlElement&) {};
  // Name without prefix; where the end tag begins and ends (both behind the tag for `<a/>`).
  std::function<void(std::string_view name, std::size_t begin, std::size_t end)> end =
      [](std::string_view, std::size_t, std::size_t) {};
  std::function<void(std::string_view)> text = [](std::string_view) {};
};

// Throws BadInput for what is not well-formed and for a document type declaration, which no part of
// a workbook has (ECMA-376 part 2, 8.1.4) and which is how XML is made to explode. What an event
// throws comes out of feed().
class XmlParser {
 public:
  explicit XmlParser(XmlEvents events);
  ~XmlParser();
  void feed(std::string_view bytes);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The whole document at once.
void parse_xml(std::string_view document, XmlEvents events);

// Text with `&`, `<`, `>` and `"` replaced, for element and attribute content.
std::string escape_xml(std::string_view text);

}  // namespace nicohort
