// The steps of propose_by_names(): what varies in the paths of volumes is named, then what varies
// in those of masks, and the patterns of the recipe are written.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "propose/draft.hpp"
#include "propose/path_pieces.hpp"

namespace nicohort {

struct NamedPaths {
  const ArchiveFiles& files;
  Draft& draft;
  CutPaths volumes, masks;                                         // no masks: none were found
  std::vector<std::pair<std::string, std::string>> channels = {};  // names, and texts in paths
};

// Names of one kind of image that differ by case alone (t1 and T1) are taken for the same.
void join_cases(Draft& draft, CutPaths& cut);

// Each piece of the volumes' paths that varies becomes a part of the draft or the channels, or one
// of its values is chosen.
void name_volumes(NamedPaths& named);

// Those of the masks become the volumes' parts, labels that have a file each, or one of the values
// is chosen.
void name_masks(NamedPaths& named);

// Puts {pid} and the patterns of volumes and masks into the draft.
void write_patterns(NamedPaths& named);

// Used by these.

// Whether these pieces of the volumes' and the masks' paths vary alike. As whole words (`v1` and
// `v2`), where those of the masks are the words of some piece of the volumes; else by their values.
bool vary_alike(const NamedPaths& named, const PathPiece& of_volumes, const PathPiece& of_masks);

// The value of a piece of the volumes' paths that a text of the masks' has, and where; not one in a
// word that the paths of all volumes have, such as the 1 of `v1`.
std::optional<std::pair<std::size_t, std::string>> value_said(const NamedPaths& named,
                                                              const PathPiece& of_volumes,
                                                              const std::string& of_masks);

// Takes the images with this value alone, and ignores the others.
void choose(Draft& draft, const CutPaths& cut, PathPiece& piece, const std::string& chosen,
            const std::string& why);

// What is before the piece in the name of its folder or file, behind the last piece that varies.
std::string text_before(const CutPaths& cut, const PathPiece& piece);

// Takes the letters and digits directly around the piece into it: T1 and T2, not 1 and 2.
void take_whole_words(const CutPaths& cut, PathPiece& piece);

// Takes what stands in the piece, as whole words, for the same.
void use_either(Draft& draft, const CutPaths& cut, PathPiece& piece);

// Neighbouring literals of a name as one, which texts.front() is; without empty ones.
void join_literals(std::vector<PathPiece>& pieces);

}  // namespace nicohort
