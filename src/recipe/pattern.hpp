// The patterns of a recipe (SPEC 5): texts with parts in braces and optional pieces in brackets,
// such as `{site_dir}/{phase_dir}/images/{site}_{pid}[_{scan}].nii.gz`.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/parts.hpp"

namespace re2 {
class RE2;
}

namespace nicohort {

struct PatternPiece {
  enum class Kind { literal, part, any, optional };

  Kind kind = Kind::literal;
  std::string text;            // of a literal; of a part what stands in the braces: `site_dir`
  std::size_t part = 0;        // index of the part
  bool is_in_archive = false;  // `{site_dir}`: the part's name in the archive
  std::vector<PatternPiece> pieces;  // of an optional piece
};
using PatternPieces = std::vector<PatternPiece>;

// What stands in the braces of a pattern, without {any}, in order of first appearance. Throws
// UsageError as Pattern does.
std::vector<std::string> placeholders_of(const std::string& pattern);

// The part that a placeholder means, `site` or `site_dir`. Nothing for a name that ends in `_dir`
// where neither it nor what is before is a part, and for other names that are no part.
struct PlaceholderMeaning {
  std::size_t part = 0;
  bool is_in_archive = false;
};
std::optional<PlaceholderMeaning> meaning_of(const std::string& placeholder, const Parts& parts);

// A pattern that is filled with a sample's parts: its ID, its patient, a metadata file.
class Pattern {
 public:
  // Throws UsageError, a phrase that says what is wrong with the pattern.
  Pattern(const std::string& text, const Parts& parts);

  // The text with the parts in it. An optional piece is there if each of its parts has a value.
  std::string fill(const PartValues& values) const;

  // Whether there can be a sample for which it is nothing at all.
  bool can_be_empty() const;

  const std::string& text() const { return text_; }
  // Indices of the parts that it has, in order of first appearance.
  const std::vector<std::size_t>& parts() const { return named_; }

 private:
  std::string text_;
  Parts parts_;
  PatternPieces pieces_;
  std::vector<std::size_t> named_;
};

// A pattern of paths of images below the archive (POSIX).
class PathPattern {
 public:
  // Throws UsageError, a phrase that says what is wrong with the pattern.
  PathPattern(const std::string& text, const Parts& parts);

  // The short forms of all parts; nothing if the path does not fit. What the path says twice it
  // must say alike. A part that it does not have, or leaves out, is empty.
  std::optional<PartValues> match(const std::string& path) const;
  // The same path with another value (short form) of a part. The path must fit.
  std::string with_part(const std::string& path, std::size_t part, const std::string& value) const;
  // How far a path that does not fit does fit, and what is wrong behind that, for messages: `the
  // path goes on with "x.nii.gz" where {phase_dir} should stand (pre-therapy or post-therapy)`.
  struct Misfit {
    std::size_t fitting = 0;  // bytes of the path
    std::string what;
  };
  Misfit misfit(const std::string& path) const;
  // Whether a path that fits may say nothing of a part.
  bool can_leave_out(std::size_t part) const;
  // Whether this is the name of one of its folders, whatever the parts.
  bool has_folder(const std::string& name) const;

  const std::string& text() const { return text_; }

 private:
  struct Group {              // of the expression
    int index = 0, next = 0;  // next: of the group behind it
    std::size_t part = 0;
    bool is_in_archive = false;
  };
  // groups: of the parts, in their order, which are added.
  std::string expression_of(std::span<const PatternPiece> pieces, std::vector<Group>& groups) const;
  // What stands in the path for each of groups_; a null view for what an optional piece leaves out.
  std::optional<std::vector<std::string_view>> captured_in(const std::string& path) const;

  // How many bytes of a path its first pieces take; npos if they do not fit.
  std::size_t fitting(std::string_view path, std::size_t count) const;
  // Where the path, from `begin`, has a name that this piece can be but for its case, its Unicode
  // form and such: the two, and in what they differ. Else empty.
  std::string small_misfit(const PatternPiece& piece, std::string_view path,
                           std::size_t begin) const;
  // What a path says of each part, if it fits the expression.
  struct Said {
    PartValues values;
    std::string fault;  // why it fits no sample all the same, in words; empty: it does
  };
  std::optional<Said> said_in(const std::string& path) const;

  std::string text_;
  Parts parts_;
  PatternPieces pieces_;  // without the ending
  std::shared_ptr<const re2::RE2> expression_;
  std::vector<Group> groups_;
  std::vector<bool> is_said_;  // by every path that fits; of each part
  std::vector<std::string> folders_;
};

// What is wrong with a regular expression, in words; empty if it is one.
std::string expression_fault(const std::string& expression);

}  // namespace nicohort
