#include "recipe/pattern.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/near_miss.hpp"
#include "base/problem.hpp"
#include "table/folded.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Kind = PatternPiece::Kind;

constexpr std::string_view image_ending = ".nii.gz";

void add_literal(PatternPieces& pieces, char c) {
  if (pieces.empty() || pieces.back().kind != Kind::literal) pieces.emplace_back();
  pieces.back().text += c;
}

// Reads from `at` up to the end or, within an optional piece, to its bracket.
PatternPieces parse_pieces(const std::string& text, std::size_t& at, bool is_optional) {
  PatternPieces pieces;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ']' && is_optional) return pieces;
    if (c == '{') {
      const std::size_t close = text.find('}', at);
      if (close == std::string::npos) throw UsageError("has a `{` without a `}`");
      PatternPiece piece{Kind::part, text.substr(at + 1, close - at - 1), 0, false, {}};
      if (piece.text == "any") piece.kind = Kind::any;
      pieces.push_back(std::move(piece));
      at = close;
    } else if (c == '[') {
      PatternPiece piece{Kind::optional, "", 0, false, {}};
      piece.pieces = parse_pieces(text, ++at, true);
      pieces.push_back(std::move(piece));
    } else if (c == '}' || c == ']') {
      throw UsageError(fmt::format("has a `{}` without a `{}`", c, c == '}' ? '{' : '['));
    } else {
      add_literal(pieces, c);
    }
  }
  if (is_optional) throw UsageError("has a `[` without a `]`");
  return pieces;
}

PatternPieces parse_pieces(const std::string& text) {
  // Each optional piece in another is one more level of recursion, here and in RE2.
  if (std::count(text.begin(), text.end(), '[') > 100)
    throw UsageError("has more than 100 optional pieces");
  std::size_t at = 0;
  return parse_pieces(text, at, false);
}

// Calls visit(piece) for every piece, also those of optional ones.
template <class Pieces, class Visit>
void each_piece(Pieces& pieces, const Visit& visit) {
  for (auto& piece : pieces) {
    visit(piece);
    each_piece(piece.pieces, visit);
  }
}

// The same, with the parts that the placeholders mean.
PatternPieces resolve(PatternPieces pieces, const Parts& parts) {
  each_piece(pieces, [&](PatternPiece& piece) {
    if (piece.kind != Kind::part) return;
    const auto meaning = meaning_of(piece.text, parts);
    if (!meaning)
      throw UsageError(fmt::format("has {{{}}}, which is not a part of every image; {}", piece.text,
                                   did_you_mean(piece.text, names_of(parts))));
    piece.part = meaning->part;
    piece.is_in_archive = meaning->is_in_archive;
    if (piece.is_in_archive && !parts[piece.part].has_values())
      throw UsageError(
          fmt::format("has {{{0}}}, but `parts` does not map short forms of `{1}` to names in the "
                      "archive; write {{{1}}}",
                      piece.text, parts[piece.part].name));
  });
  return pieces;
}

std::string one_of(const Part& part, bool is_in_archive) {
  std::vector<std::string> names;
  for (const auto& [short_form, name] : part.values)
    names.push_back(re2::RE2::QuoteMeta(is_in_archive ? name : short_form));
  return fmt::format("{}", fmt::join(names, "|"));
}

// What may stand for a part, for messages.
std::string values_text(const Part& part, bool is_in_archive) {
  if (!part.has_values()) return "`" + part.expression + "`";
  std::vector<std::string> values;
  for (const auto& [short_form, name] : part.values)
    values.push_back(is_in_archive ? name : short_form);
  return fmt::format("{}", fmt::join(values, ", "));
}

bool is_within_character(char byte) {
  return (byte & 0xC0) == 0x80;
}

// Whether a text is no word of its own where it is cut here: in a character, before an accent, or
// between two letters or digits.
bool is_within_word(std::string_view text, std::size_t at) {
  const auto is_of_word = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
  };
  return is_within_character(text[at]) || (is_of_word(text[at - 1]) && is_of_word(text[at]));
}

std::string fill_pieces(const PatternPieces& pieces, const Parts& parts, const PartValues& values);

bool is_filled(const PatternPiece& optional, const PartValues& values) {
  bool has_value = false;
  each_piece(optional.pieces, [&](const PatternPiece& piece) {
    has_value |= piece.kind == Kind::part && !values[piece.part].empty();
  });
  return has_value && std::none_of(optional.pieces.begin(), optional.pieces.end(),
                                   [&](const PatternPiece& piece) {
                                     return piece.kind == Kind::part && values[piece.part].empty();
                                   });
}

std::string fill_pieces(const PatternPieces& pieces, const Parts& parts, const PartValues& values) {
  std::string text;
  for (const PatternPiece& piece : pieces) {
    if (piece.kind == Kind::literal) text += piece.text;
    if (piece.kind == Kind::part)
      text += piece.is_in_archive ? parts[piece.part].in_archive(values[piece.part])
                                  : values[piece.part];
    if (piece.kind == Kind::optional && is_filled(piece, values))
      text += fill_pieces(piece.pieces, parts, values);
  }
  return text;
}

}  // namespace

std::vector<std::string> placeholders_of(const std::string& pattern) {
  std::vector<std::string> names;
  const PatternPieces pieces = parse_pieces(pattern);
  each_piece(pieces, [&](const PatternPiece& piece) {
    if (piece.kind == Kind::part &&
        std::find(names.begin(), names.end(), piece.text) == names.end())
      names.push_back(piece.text);
  });
  return names;
}

std::optional<PlaceholderMeaning> meaning_of(const std::string& placeholder, const Parts& parts) {
  constexpr std::string_view in_archive = "_dir";
  if (const auto part = index_of(parts, placeholder)) return PlaceholderMeaning{*part, false};
  if (!placeholder.ends_with(in_archive)) return {};
  const auto part = index_of(parts, placeholder.substr(0, placeholder.size() - in_archive.size()));
  return part ? std::optional(PlaceholderMeaning{*part, true}) : std::nullopt;
}

Pattern::Pattern(const std::string& text, const Parts& parts)
    : text_(text), parts_(parts), pieces_(resolve(parse_pieces(text), parts)) {
  each_piece(pieces_, [&](const PatternPiece& piece) {
    if (piece.kind == Kind::any)
      throw UsageError("has {any}, which only `volume` and `mask` can have");
    if (piece.kind == Kind::part &&
        std::find(named_.begin(), named_.end(), piece.part) == named_.end())
      named_.push_back(piece.part);
  });
}

std::string Pattern::fill(const PartValues& values) const {
  return fill_pieces(pieces_, parts_, values);
}

bool Pattern::can_be_empty() const {
  return std::all_of(pieces_.begin(), pieces_.end(), [&](const PatternPiece& piece) {
    return piece.kind == Kind::optional ||
           (piece.kind == Kind::part && parts_[piece.part].can_be_empty);
  });
}

std::string expression_fault(const std::string& expression) {
  const re2::RE2 compiled(expression, re2::RE2::Quiet);
  const std::string place = printable(compiled.error_arg());
  switch (compiled.error_code()) {
    case re2::RE2::NoError:
      return "";
    case re2::RE2::ErrorMissingBracket:
      return fmt::format("`{}` has no closing bracket `]`", place);
    case re2::RE2::ErrorMissingParen:
      return "a parenthesis `(` is not closed, or `(?` is followed by what is not known";
    case re2::RE2::ErrorUnexpectedParen:
      return "a parenthesis `)` was not opened";
    case re2::RE2::ErrorTrailingBackslash:
      return "it ends in a backslash, which should be followed by a character";
    case re2::RE2::ErrorBadEscape:
      return fmt::format("`{}` is not known; a literal backslash is `\\\\`", place);
    case re2::RE2::ErrorBadCharClass:
    case re2::RE2::ErrorBadCharRange:
      return fmt::format("`{}` is not a range of characters such as `a-z`", place);
    case re2::RE2::ErrorRepeatArgument:
      return fmt::format("nothing stands before `{}` that could be repeated", place);
    case re2::RE2::ErrorRepeatSize:
    case re2::RE2::ErrorRepeatOp:
      return fmt::format("`{}` cannot be a number of repetitions; it goes up to 1000", place);
    case re2::RE2::ErrorBadPerlOp:
    case re2::RE2::ErrorBadNamedCapture:
      return fmt::format(
          "`{}` is not supported; there are no look-ahead, look-behind and "
          "back-references",
          place);
    case re2::RE2::ErrorBadUTF8:
      return "it is not valid UTF-8";
    default:
      return "it is too large";
  }
}

PathPattern::PathPattern(const std::string& text, const Parts& parts) : text_(text), parts_(parts) {
  if (!text.ends_with(image_ending))
    throw UsageError("does not end in .nii.gz, which also matches .nii");
  if (text.starts_with('/')) throw UsageError("begins with `/`; paths begin below the archive");
  pieces_ = resolve(parse_pieces(text.substr(0, text.size() - image_ending.size())), parts);
  is_said_.resize(parts.size());
  for (const PatternPiece& piece : pieces_)
    if (piece.kind == Kind::part) {
      const Part& part = parts[piece.part];
      if (part.has_values() || !re2::RE2::FullMatch("", part.expression))
        is_said_[piece.part] = true;
    }
  const std::string expression = expression_of(pieces_, groups_) + R"((?i:\.nii(?:\.gz)?))";
  expression_ = std::make_shared<re2::RE2>(expression, re2::RE2::Quiet);
  if (!expression_->ok())
    throw UsageError("is too large to be searched for; give its parts shorter expressions");
  std::size_t begin = 0;
  for (std::size_t end = text.find('/'); end != std::string::npos; end = text.find('/', begin)) {
    const std::string folder = text.substr(begin, end - begin);
    if (folder.find_first_of("{}[]") == std::string::npos) folders_.push_back(folder);
    begin = end + 1;
  }
}

std::string PathPattern::expression_of(std::span<const PatternPiece> pieces,
                                       std::vector<Group>& groups) const {
  std::string expression;
  for (const PatternPiece& piece : pieces) {
    switch (piece.kind) {
      case Kind::literal:
        expression += re2::RE2::QuoteMeta(piece.text);
        break;
      case Kind::any:
        expression += "[^/]*";
        break;
      case Kind::optional:
        expression += "(?:" + expression_of(piece.pieces, groups) + ")?";
        break;
      case Kind::part: {
        const Part& part = parts_[piece.part];
        const std::string values =
            part.has_values() ? one_of(part, piece.is_in_archive) : part.expression;
        const re2::RE2 alone(values, re2::RE2::Quiet);
        if (!alone.ok())
          throw UsageError(fmt::format("has {{{}}}, which is not a regular expression: {}",
                                       piece.text, alone.error()));
        // The next one comes behind those that the expression has in itself.
        const int index = groups.empty() ? 1 : groups.back().next;
        groups.push_back(
            {index, index + 1 + alone.NumberOfCapturingGroups(), piece.part, piece.is_in_archive});
        expression += "(" + values + ")";
      }
    }
  }
  return expression;
}

std::optional<std::vector<std::string_view>> PathPattern::captured_in(
    const std::string& path) const {
  std::vector<re2::StringPiece> found(expression_->NumberOfCapturingGroups() + 1);
  if (!expression_->Match(path, 0, path.size(), re2::RE2::ANCHOR_BOTH, found.data(),
                          static_cast<int>(found.size())))
    return {};
  std::vector<std::string_view> captured;
  for (const Group& group : groups_)
    captured.emplace_back(found[group.index].data(), found[group.index].size());
  return captured;
}

std::optional<PathPattern::Said> PathPattern::said_in(const std::string& path) const {
  const auto captured = captured_in(path);
  if (!captured) return {};
  Said said{PartValues(parts_.size()), ""};
  std::vector<bool> is_said(parts_.size());
  for (std::size_t i = 0; i < groups_.size() && said.fault.empty(); ++i) {
    if ((*captured)[i].data() == nullptr) continue;  // left out: says nothing
    const Group& group = groups_[i];
    const Part& part = parts_[group.part];
    std::string value((*captured)[i]);
    if (group.is_in_archive) value = part.short_form(value);
    std::string& before = said.values[group.part];
    if (value.find('/') != std::string::npos)
      said.fault = fmt::format("`{}` would be `{}`, which is more than one name", part.name, value);
    else if (is_said[group.part] && before != value)
      said.fault =
          fmt::format("`{}` has two values in the path, `{}` and `{}`", part.name, before, value);
    before = std::move(value);
    is_said[group.part] = true;
  }
  return said;
}

std::optional<PartValues> PathPattern::match(const std::string& path) const {
  auto said = said_in(path);
  if (!said || !said->fault.empty()) return {};
  return std::move(said->values);
}

std::string PathPattern::with_part(const std::string& path, std::size_t part,
                                   const std::string& value) const {
  const auto captured = captured_in(path);
  if (!captured) return path;
  std::string text;
  std::size_t copied = 0;  // bytes of path
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const std::string_view there = (*captured)[i];
    if (groups_[i].part != part || there.data() == nullptr) continue;
    const std::size_t begin = there.data() - path.data();
    text += path.substr(copied, begin - copied) +
            (groups_[i].is_in_archive ? parts_[part].in_archive(value) : value);
    copied = begin + there.size();
  }
  return text + path.substr(copied);
}

std::size_t PathPattern::fitting(std::string_view path, std::size_t count) const {
  std::vector<Group> groups;
  const re2::RE2 beginning("(" + expression_of(std::span(pieces_).first(count), groups) + ")",
                           re2::RE2::Quiet);
  re2::StringPiece found;
  const re2::StringPiece text(path.data(), path.size());
  if (!beginning.Match(text, 0, text.size(), re2::RE2::ANCHOR_START, &found, 1))
    return std::string::npos;
  return found.size();
}

PathPattern::Misfit PathPattern::misfit(const std::string& path) const {
  if (auto said = said_in(path)) return {path.size(), std::move(said->fault)};
  // Without its ending, which a part would take for its own.
  const std::string_view stem =
      std::string_view(path).substr(0, path.find(".nii", path.rfind('/') + 1));
  std::size_t count = pieces_.size(), fits = fitting(stem, count);
  while (fits == std::string::npos) fits = fitting(stem, --count);  // no piece fits every path
  std::string wanted(image_ending);
  std::string difference;
  if (count < pieces_.size()) {
    const PatternPiece& next = pieces_[count];
    difference = small_misfit(next, stem, fits);
    wanted = next.kind == Kind::literal ? next.text : "{" + next.text + "}";
    if (next.kind == Kind::literal) {
      const auto differs =
          std::mismatch(wanted.begin(), wanted.end(), stem.begin() + fits, stem.end());
      std::size_t same = differs.first - wanted.begin();
      while (same > 0 && same < wanted.size() && is_within_character(wanted[same])) --same;
      fits += same;
      wanted.erase(0, same);
    }
  }
  const std::string there =
      fits == path.size()
          ? "ends"
          : fmt::format("{} `{}`", fits == 0 ? "begins with" : "goes on with", path.substr(fits));
  std::string what = fmt::format("the path {} where `{}` should stand", there, wanted);
  if (count < pieces_.size() && pieces_[count].kind == Kind::part)
    what += fmt::format(" ({})",
                        values_text(parts_[pieces_[count].part], pieces_[count].is_in_archive));
  return {fits, what + difference};
}

std::string PathPattern::small_misfit(const PatternPiece& piece, std::string_view path,
                                      std::size_t begin) const {
  std::vector<std::string> names;
  if (piece.kind == Kind::literal) names.push_back(piece.text);
  if (piece.kind == Kind::part)
    for (const auto& [short_form, in_archive] : parts_[piece.part].values)
      names.push_back(piece.is_in_archive ? in_archive : short_form);
  const std::string_view rest = path.substr(begin);
  const std::string folded_rest = folded(rest);
  for (const std::string& name : names) {
    const std::string wanted = folded(name);
    if (wanted.empty() || !folded_rest.starts_with(wanted)) continue;
    for (std::size_t size = 1; size <= rest.size(); ++size) {
      if (size < rest.size() && is_within_word(rest, size)) continue;
      const std::string_view there = rest.substr(0, size);
      const std::string difference = small_difference(there, name);
      if (!difference.empty())
        return fmt::format("; `{}` in it differs only by {} from `{}` in the recipe", there,
                           difference, name);
    }
  }
  return "";
}

bool PathPattern::can_leave_out(std::size_t part) const {
  return !is_said_[part];
}

bool PathPattern::has_folder(const std::string& name) const {
  return std::find(folders_.begin(), folders_.end(), name) != folders_.end();
}

}  // namespace nicohort
