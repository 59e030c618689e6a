// Archives of no other known layout: masks by the words in their names, identifiers and other parts
// by what varies.
#include "propose/by_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "propose/file_names.hpp"
#include "propose/image_classes.hpp"
#include "propose/layouts.hpp"
#include "propose/piece_values.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// Whether the text has this with neither letters nor digits beside it.
bool has_whole_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    if (word_at_end(text.substr(0, at)).empty() &&
        word_at_begin(text.substr(at + word.size())).empty())
      return true;
  return false;
}

}  // namespace

bool vary_alike(const NamedPaths& named, const PathPiece& of_volumes, const PathPiece& of_masks) {
  const PieceValues words = whole_words(named.masks, of_masks);
  const auto has_words = [&](const PathPiece& piece) {
    return (piece.kind == PathPiece::Kind::varying || piece.kind == PathPiece::Kind::channel) &&
           are_like(whole_words(named.volumes, piece), words);
  };
  return std::any_of(named.volumes.pieces.begin(), named.volumes.pieces.end(), has_words)
             ? has_words(of_volumes)
             : are_like(of_volumes.values(), of_masks.values());
}

std::optional<std::pair<std::size_t, std::string>> value_said(const NamedPaths& named,
                                                              const PathPiece& of_volumes,
                                                              const std::string& of_masks) {
  if (auto word = value_in(of_masks, whole_words(named.volumes, of_volumes))) {
    auto& [at, text] = *word;
    const auto [before, behind] = word_around(named.volumes, of_volumes);
    at += before.size();
    text = text.substr(before.size(), text.size() - before.size() - behind.size());
    return word;
  }
  auto value = value_in(of_masks, of_volumes.values());
  if (!value) return {};
  const auto& [at, text] = *value;
  const std::string word =
      word_at_end(of_masks.substr(0, at)) + text + word_at_begin(of_masks.substr(at + text.size()));
  const bool is_of_all = std::any_of(
      named.volumes.pieces.begin(), named.volumes.pieces.end(), [&](const PathPiece& piece) {
        return piece.kind == PathPiece::Kind::literal && has_whole_word(piece.texts.front(), word);
      });
  return is_of_all ? std::nullopt : value;
}

void choose(Draft& draft, const CutPaths& cut, PathPiece& piece, const std::string& chosen,
            const std::string& why) {
  draft.comments.push_back(fmt::format("{}; `{}` is used, the others are not", why, chosen));
  for (const std::string& value : piece.values()) {
    std::string glob;
    for (const PathPiece& other : cut.pieces)
      glob += &other == &piece                         ? value
              : other.kind == PathPiece::Kind::literal ? other.texts.front()
              : glob.ends_with('*')                    ? ""
                                                       : "*";
    if (value != chosen) draft.ignore.push_back(glob + ".nii*");
  }
  piece.kind = PathPiece::Kind::literal;
  for (std::string& text : piece.texts) text = chosen;
}

std::string text_before(const CutPaths& cut, const PathPiece& piece) {
  std::string text;
  for (const PathPiece& other : cut.pieces) {
    if (&other == &piece) break;
    if (other.kind == PathPiece::Kind::literal)
      text += other.texts.front();
    else
      text.clear();
  }
  return last_segment(text);
}

void take_whole_words(const CutPaths& cut, PathPiece& piece) {
  const auto [before, behind] = word_around(cut, piece);
  for (std::string& text : piece.texts) text.insert(0, before).append(behind);
  if (!before.empty()) {
    std::string& text = (&piece - 1)->texts.front();
    text.resize(text.size() - before.size());
  }
  if (!behind.empty()) (&piece + 1)->texts.front().erase(0, behind.size());
}

void use_either(Draft& draft, const CutPaths& cut, PathPiece& piece) {
  take_whole_words(cut, piece);
  piece.kind = PathPiece::Kind::either;
  draft.comments.push_back(
      fmt::format("The names {} are taken for the same; in the pattern, each is in brackets",
                  fmt::join(piece.values(), ", ")));
}

void join_cases(Draft& draft, CutPaths& cut) {
  for (PathPiece& piece : cut.pieces) {
    if (piece.kind != PathPiece::Kind::varying || !piece.optional_sign.empty()) continue;
    std::set<std::string> lower;
    std::set<std::vector<std::string>> others;  // what else is in each path
    for (std::size_t n = 0; n < cut.paths.size(); ++n) {
      lower.insert(lower_case(piece.texts[n]));
      std::vector<std::string> texts;
      for (const PathPiece& other : cut.pieces)
        if (&other != &piece && other.kind != PathPiece::Kind::literal)
          texts.push_back(other.texts[n]);
      others.insert(std::move(texts));
    }
    if (lower.size() == 1 && others.size() == cut.paths.size()) use_either(draft, cut, piece);
  }
}

void join_literals(std::vector<PathPiece>& pieces) {
  std::vector<PathPiece> joined;
  for (PathPiece& piece : pieces) {
    if (piece.kind == PathPiece::Kind::literal && piece.texts.front().empty()) continue;
    if (piece.kind == PathPiece::Kind::literal && !joined.empty() &&
        joined.back().kind == PathPiece::Kind::literal && joined.back().level == piece.level)
      joined.back().texts.front() += piece.texts.front();
    else
      joined.push_back(std::move(piece));
  }
  pieces = std::move(joined);
}

std::optional<Draft> propose_by_names(const ArchiveFiles& files) {
  Draft draft;
  draft.layout = "an archive of no known layout, by the names of its files";
  const ImageClasses classes = classes_of(files, draft);
  NamedPaths named{files, draft, cut_paths(classes.volumes, {}), {}};
  const auto pids = named.volumes.pids();
  if (!classes.masks.empty()) named.masks = cut_paths(classes.masks, {pids.begin(), pids.end()});
  join_literals(named.volumes.pieces);
  join_literals(named.masks.pieces);
  join_cases(draft, named.volumes);
  join_cases(draft, named.masks);
  name_volumes(named);
  name_masks(named);
  write_patterns(named);
  return draft;
}

}  // namespace nicohort
