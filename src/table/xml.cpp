#include "table/xml.hpp"

#include <expat.h>

#include <algorithm>
#include <exception>
#include <new>

#include "base/problem.hpp"

namespace nicohort {

namespace {

// No workbook comes near these, and expat keeps in memory what they bound: the elements that are
// open, and the tag or comment that is not at its end yet.
constexpr std::size_t max_depth = 256, max_tag_bytes = std::size_t{4} << 20;

[[noreturn]] void throw_not_a_workbook(const std::string& what) {
  throw BadInput(
      ProblemKind::unreadable_file,
      "the workbook has " + what + ", which no spreadsheet program writes; do not trust this file");
}

}  // namespace

std::string_view local_name(std::string_view qualified) {
  const auto colon = qualified.rfind(':');
  return colon == std::string_view::npos ? qualified : qualified.substr(colon + 1);
}

std::optional<std::string_view> XmlElement::get(std::string_view attribute) const {
  for (const char** a = attributes; *a; a += 2)
    if (attribute == a[0]) return a[1];
  return std::nullopt;
}

std::optional<std::string_view> XmlElement::get_prefixed(std::string_view attribute) const {
  for (const char** a = attributes; *a; a += 2)
    if (attribute != a[0] && local_name(a[0]) == attribute) return a[1];
  return std::nullopt;
}

struct XmlParser::State {
  XML_Parser parser;
  XmlEvents events;
  std::exception_ptr thrown;
  std::size_t depth = 0;  // open elements
  std::size_t fed = 0;    // bytes

  // An exception must not pass through expat, which is C: it waits here until feed() is back.
  template <typename Function>
  void guarded(Function function) {
    if (thrown) return;
    try {
      function();
    } catch (...) {
      thrown = std::current_exception();
      XML_StopParser(parser, XML_FALSE);
    }
  }

  std::size_t position() const { return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser)); }
  std::size_t length() const { return static_cast<std::size_t>(XML_GetCurrentByteCount(parser)); }

  void parse(std::string_view bytes, bool last) {
    fed += bytes.size();
    const auto status = XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()),
                                  last ? XML_TRUE : XML_FALSE);
    if (thrown) std::rethrow_exception(thrown);
    if (status == XML_STATUS_OK) {
      if (fed - position() > max_tag_bytes) throw_not_a_workbook("a tag or comment without end");
      return;
    }
    if (XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    throw BadInput(ProblemKind::unreadable_file,
                   "the workbook is damaged: XML line " +
                       std::to_string(XML_GetCurrentLineNumber(parser)) + ": " +
                       XML_ErrorString(XML_GetErrorCode(parser)) +
                       "; get a good copy, or open it in a spreadsheet program and save it again");
  }
};

XmlParser::XmlParser(XmlEvents events)
    : state_(
          std::make_unique<State>(State{XML_ParserCreate(nullptr), std::move(events), nullptr})) {
  if (!state_->parser) throw std::bad_alloc();
  XML_SetUserData(state_->parser, state_.get());
  XML_SetElementHandler(
      state_->parser,
      [](void* user, const XML_Char* name, const XML_Char** attributes) {
        auto& state = *static_cast<State*>(user);
        state.guarded([&] {
          if (++state.depth > max_depth) throw_not_a_workbook("elements nested too deeply");
          state.events.start({name, local_name(name), attributes, state.position(),
                              state.position() + state.length()});
        });
      },
      [](void* user, const XML_Char* name) {
        auto& state = *static_cast<State*>(user);
        state.guarded([&] {
          --state.depth;
          state.events.end(local_name(name), state.position(), state.position() + state.length());
        });
      });
  XML_SetCharacterDataHandler(state_->parser, [](void* user, const XML_Char* text, int length) {
    auto& state = *static_cast<State*>(user);
    state.guarded([&] { state.events.text({text, static_cast<std::size_t>(length)}); });
  });
  XML_SetStartDoctypeDeclHandler(state_->parser, [](void* user, const XML_Char*, const XML_Char*,
                                                    const XML_Char*, int) {
    static_cast<State*>(user)->guarded([] { throw_not_a_workbook("a document type declaration"); });
  });
}

XmlParser::~XmlParser() {
  XML_ParserFree(state_->parser);
}

void XmlParser::feed(std::string_view bytes) {
  constexpr std::size_t step = std::size_t{1} << 16;  // expat keeps several times as much
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    state_->parse(bytes.substr(0, step), false);
}

void XmlParser::finish() {
  state_->parse({}, true);
}

void parse_xml(std::string_view document, XmlEvents events) {
  XmlParser parser(std::move(events));
  parser.feed(document);
  parser.finish();
}

std::string escape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace nicohort
