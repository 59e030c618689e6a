// The patterns of a recipe, of the pieces that have been named.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "propose/by_names.hpp"
#include "propose/file_names.hpp"
#include "propose/piece_values.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;

// x001a and x001b: two scans of a patient?
void tell_last_letters(Draft& draft, const PieceValues& pids) {
  std::set<std::string> stems;
  for (const std::string& pid : pids) {
    if (pid.size() < 3 || !has_digit(pid.substr(pid.size() - 2, 1)) ||
        has_digit(pid.substr(pid.size() - 1)))
      return;
    stems.insert(pid.substr(0, pid.size() - 1));
  }
  if (stems.size() == pids.size()) return;
  draft.comments.push_back(fmt::format(
      "Some identifiers differ only in their last letter, such as {} and {}, and are taken for "
      "different patients. If they are the same, write another part for the letter",
      *pids.begin(), *std::next(pids.begin())));
}

// What is before {pid} in all patterns belongs to it: case_00012, not 00012.
void widen(NamedPaths& named) {
  std::vector<std::vector<PathPiece>*> patterns{&named.volumes.pieces, &named.masks.pieces};
  std::set<std::string> before;
  for (auto* pieces : patterns) {
    join_literals(*pieces);
    for (std::size_t i = 0; i < pieces->size(); ++i)
      if ((*pieces)[i].kind == Kind::pid)
        before.insert(i > 0 && (*pieces)[i - 1].kind == Kind::literal
                          ? last_segment((*pieces)[i - 1].texts.front())
                          : "");
  }
  std::vector<std::string> longer;  // so that a whole text can be in common
  for (const std::string& text : before) longer.push_back("/" + text);
  std::string prefix = before.size() == 1 ? *before.begin() : common_suffix(longer);
  prefix.erase(0, std::min(prefix.find_first_not_of("_-. "), prefix.size()));
  if (prefix.find_first_of("{}[]/") != std::string::npos) prefix.clear();
  std::set<std::string> pids;
  for (auto* pieces : patterns)
    for (std::size_t i = 0; i < pieces->size(); ++i) {
      if ((*pieces)[i].kind != Kind::pid) continue;
      for (const std::string& pid : (*pieces)[i].texts) pids.insert(prefix + pid);
      if (i > 0 && !prefix.empty()) {
        std::string& text = (*pieces)[i - 1].texts.front();
        text.resize(text.size() - prefix.size());
      }
    }
  named.draft.pid_prefix = prefix;
  named.draft.parts.push_back({"pid", {}, expression_for({pids.begin(), pids.end()})});
  tell_last_letters(named.draft, pids);
}

std::string placeholder(const NamedPaths& named, const PathPiece& piece) {
  if (piece.kind == Kind::pid) return "{pid}";
  if (piece.part.empty()) return "{any}";
  // By the names in the archive, so that short forms can be renamed.
  const Part* part = named.draft.find_part(piece.part);
  const auto is_name = [&](const std::string& text) {
    return std::any_of(part->values.begin(), part->values.end(),
                       [&](const auto& value) { return value.second == text; });
  };
  const auto is_short = [&](const std::string& text) { return part->has_value(text); };
  const bool has_short_forms =
      !part || !part->has_values() ||
      (are_all(piece.values(), is_short) && !are_all(piece.values(), is_name));
  return "{" + piece.part + (has_short_forms ? "}" : "_dir}");
}

std::string pattern_of(const NamedPaths& named, const CutPaths& cut, const std::string& channel) {
  std::string pattern, literal;
  for (const PathPiece& piece : cut.pieces) {
    if (piece.kind == Kind::literal || piece.kind == Kind::channel) {
      literal += piece.kind == Kind::channel ? channel : piece.texts.front();
      continue;
    }
    pattern += pattern_literal(literal);
    literal.clear();
    if (piece.kind == Kind::either) {
      for (const std::string& text : piece.values()) pattern += "[" + pattern_literal(text) + "]";
      continue;
    }
    pattern += piece.optional_sign.empty()
                   ? placeholder(named, piece)
                   : "[" + piece.optional_sign + placeholder(named, piece) + "]";
  }
  return pattern + pattern_literal(literal) + ".nii.gz";
}

}  // namespace

void write_patterns(NamedPaths& named) {
  widen(named);
  if (named.channels.size() < 2) {
    named.draft.volumes = {
        {"", pattern_of(named, named.volumes,
                        named.channels.empty() ? "" : named.channels.front().second)}};
    const bool are_ct = std::all_of(
        named.volumes.paths.begin(), named.volumes.paths.end(), [](const std::string& path) {
          const auto words = words_of(last_segment(without_image_ending(path)));
          return std::find(words.begin(), words.end(), "ct") != words.end();
        });
    if (are_ct) named.draft.unit = "HU";
  } else {
    for (const auto& [name, text] : named.channels)
      named.draft.volumes.emplace_back(name, pattern_of(named, named.volumes, text));
  }
  if (!named.masks.pieces.empty()) named.draft.mask = pattern_of(named, named.masks, "");
}

}  // namespace nicohort
