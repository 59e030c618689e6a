// What varies in the paths of masks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "propose/by_names.hpp"
#include "propose/file_names.hpp"
#include "propose/image_look.hpp"
#include "propose/piece_values.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;

constexpr std::size_t most_looked_at = 8;  // masks of a patient

// Numbers for the names of labels, from 1 on: those of TotalSegmentator if it has all of them, else
// in alphabetical order.
std::vector<std::pair<int, std::string>> number_labels(const PieceValues& names, Draft& draft) {
  static const LabelNames known = load_recipe("totalsegmentator").labels();
  std::vector<std::pair<int, std::string>> labels{{0, "background"}};
  for (const auto& [number, name] : known)
    if (number != 0 && names.contains(name)) labels.emplace_back(number, name);
  if (labels.size() == names.size() + 1) {
    draft.comments.push_back("The labels have the numbers of TotalSegmentator's task `total`");
    return labels;
  }
  labels.resize(1);
  for (const std::string& name : names)
    if (labels.size() < 256) labels.emplace_back(static_cast<int>(labels.size()), name);
  draft.comments.push_back("The labels are numbered in the order of their names");
  if (labels.size() <= names.size())
    draft.comments.push_back(
        fmt::format("There are files of {} labels; a mask can have 255. Only the first were taken",
                    names.size()));
  return labels;
}

// Where some masks are called otherwise than most, those are misfits.
void use_usual_name(NamedPaths& named, PathPiece& piece, const Shares& shares) {
  const auto most =
      std::max_element(shares.of_values.begin(), shares.of_values.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  named.draft.comments.push_back(
      fmt::format("The names of the masks vary ({} ...), which no volume's name says",
                  shares.of_values.rbegin()->first));
  if (!shares.is_of_most(most->second)) return;
  const std::string text = most->first.empty() ? "" : piece.optional_sign + most->first;
  piece.kind = Kind::literal;
  piece.texts.assign(piece.texts.size(), text);
  piece.optional_sign.clear();
}

// If the masks of a patient are several of the same, one of them is taken.
bool use_one_mask(NamedPaths& named, PathPiece& piece, const Shares& shares) {
  std::map<std::string, ValuesLook> looks;
  const std::vector<std::string> paths = paths_of_one(named.masks, shares);
  for (std::size_t n = 0; n < named.masks.paths.size(); ++n)
    if (is_in(named.masks.paths[n], paths))
      if (auto look = look_at_values(named.files, named.masks.paths[n]))
        looks.emplace(piece.texts[n], std::move(*look));
  const bool has_maps = std::erase_if(looks, [](const auto& look) { return look.second.is_share; });
  if (looks.empty()) return false;
  bool has_labels = false, are_same = looks.size() > 1, are_apart = true;
  for (auto a = looks.begin(); a != looks.end(); ++a) {
    has_labels |= a->second.labels.size() > 1;
    for (auto b = looks.begin(); b != a; ++b) {
      are_same &= a->second.common(b->second) > 0.5;
      are_apart &= a->second.common(b->second) == 0;
    }
  }
  const auto values = piece.values();
  const bool are_readers =
      are_all(values, has_reader_word) || has_reader_word(text_before(named.masks, piece));
  if (!has_labels && !are_same && !are_readers && !(has_maps && looks.size() == 1)) {
    if (!are_apart)
      named.draft.comments.push_back(
          "The masks of a patient overlap: choose one, or set `overlap`");
    return false;
  }
  const auto rank = [&](const auto& look) {
    return std::tuple(!has_prediction_word(look.first), look.second.labels.size(),
                      shares.of_values.at(look.first));
  };
  const auto chosen = std::max_element(
      looks.begin(), looks.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  choose(named.draft, named.masks, piece, chosen->first,
         fmt::format("A patient has several masks ({}), which {}", fmt::join(values, ", "),
                     has_maps ? "are not all labels" : "are of the same things"));
  return true;
}

// Whether it is of the file's name, not of a folder's.
bool is_in_name(const CutPaths& cut, const PathPiece& piece) {
  return piece.level == cut.pieces.back().level;
}

// What varies in the masks' names alone: labels that have a file each, or readers.
void use_other_masks(NamedPaths& named) {
  auto is_unknown = [](const PathPiece& piece) {
    return piece.kind == Kind::varying && piece.part.empty();
  };
  const auto first = std::find_if(named.masks.pieces.begin(), named.masks.pieces.end(), is_unknown);
  if (first == named.masks.pieces.end()) return;
  // `kidney_left`, `lung_right`: the two vary, but are one name.
  for (auto next = first + 1; next != named.masks.pieces.end() && next->level == first->level;
       ++next) {
    const auto last = std::find_if(next, named.masks.pieces.end(), [](const PathPiece& piece) {
      return piece.kind != Kind::literal;
    });
    if (last == named.masks.pieces.end() || !is_unknown(*last) || last->level != first->level ||
        !(first->optional_sign + last->optional_sign).empty())
      break;
    for (auto piece = first + 1; piece <= last; ++piece)
      for (std::size_t n = 0; n < first->texts.size(); ++n)
        first->texts[n] += piece->texts[piece->kind == Kind::literal ? 0 : n];
    next = named.masks.pieces.erase(first + 1, last + 1) - 1;
  }
  const Shares shares = shares_of(*first, named.masks.pids());
  const auto values = first->values();
  if (!shares.is_of_most(shares.with_several) || !first->optional_sign.empty() ||
      values.size() > 255) {
    use_usual_name(named, *first, shares);
    return;
  }
  if (values.size() <= most_looked_at && use_one_mask(named, *first, shares)) return;
  first->part = "label";
  named.draft.has_label_files = true;
  named.draft.layout = "an archive with a mask file for each label, by the names of its files";
  named.draft.labels = number_labels(values, named.draft);
  named.draft.comments.push_back(
      "A patient has several masks, which are taken for a file for each label. A voxel in two "
      "of them is reported, and the sample has no mask then (`overlap: error`); last and first "
      "take the label of the larger or smaller number");
}

}  // namespace

void name_masks(NamedPaths& named) {
  std::set<const PathPiece*> used;
  for (PathPiece& piece : named.masks.pieces)
    for (const PathPiece& other : named.volumes.pieces)
      if (piece.kind == Kind::varying && piece.part.empty() && !other.part.empty() &&
          !used.contains(&other) && vary_alike(named, other, piece)) {
        piece.part = other.part;
        used.insert(&other);
      }
  for (PathPiece& piece : named.masks.pieces)
    for (const PathPiece& other : named.volumes.pieces)
      if (piece.kind == Kind::varying && piece.part.empty() && other.kind == Kind::either &&
          are_like(whole_words(named.masks, piece), other.values()))
        use_either(named.draft, named.masks, piece);
  use_other_masks(named);
  // A value that all masks have in common: only `training` has masks.
  for (const PathPiece& other : named.volumes.pieces) {
    if (other.part.empty() || used.contains(&other)) continue;
    for (std::size_t i = 0; i < named.masks.pieces.size(); ++i) {
      const PathPiece piece = named.masks.pieces[i];
      const bool is_like_placed = piece.level == other.level || (is_in_name(named.masks, piece) &&
                                                                 is_in_name(named.volumes, other));
      const auto value = piece.kind == Kind::literal && is_like_placed
                             ? value_said(named, other, piece.texts.front())
                             : std::nullopt;
      if (!value) continue;
      const auto& [at, text] = *value;
      const std::vector<std::string> texts(named.masks.paths.size(), text);
      const std::string &whole = piece.texts.front(), rest = whole.substr(at + text.size());
      named.masks.pieces[i].texts.front().resize(at);
      named.masks.pieces.insert(named.masks.pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                {{Kind::varying, texts, piece.level, "", other.part},
                                 {Kind::literal, {rest}, piece.level}});
      break;
    }
  }
}

}  // namespace nicohort
