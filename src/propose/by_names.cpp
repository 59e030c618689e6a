// Archives of no other known layout: masks by the words in their names, identifiers and other parts
// by what varies.
#include "propose/by_names.hpp"

#include <fmt/format.h>

#include "propose/file_names.hpp"
#include "propose/image_classes.hpp"
#include "propose/layouts.hpp"

namespace nicohort {

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
  join_literals(named.masks.pieces);
  name_volumes(named);
  name_masks(named);
  write_patterns(named);
  return draft;
}

}  // namespace nicohort
