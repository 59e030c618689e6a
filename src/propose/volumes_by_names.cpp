// What varies in the paths of volumes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/wording.hpp"
#include "propose/by_names.hpp"
#include "propose/file_names.hpp"
#include "propose/image_look.hpp"
#include "propose/piece_values.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;

constexpr std::size_t most_names = 20;  // of a part with a map
constexpr std::size_t most_kinds = 5;   // of names that are taken for the same

bool mask_varies_like(const NamedPaths& named, const PathPiece& piece) {
  return std::any_of(named.masks.pieces.begin(), named.masks.pieces.end(),
                     [&](const PathPiece& other) {
                       return other.kind == Kind::varying && vary_alike(named, piece, other);
                     });
}

// Whether the masks' paths have one of the values where all have the same.
bool is_named_by_masks(const NamedPaths& named, const PathPiece& piece) {
  return std::any_of(
      named.masks.pieces.begin(), named.masks.pieces.end(), [&](const PathPiece& other) {
        return other.kind == Kind::literal && value_said(named, piece, other.texts.front());
      });
}

bool are_usual_channels(const PieceValues& values) {
  return are_all(values, [](const auto& value) { return is_channel_word(lower_case(value)); });
}

bool is_channel(const NamedPaths& named, const PathPiece& piece, const Shares& shares) {
  const auto values = piece.values();
  const auto is_used = [&](const auto& value) { return shares.is_of_most(value.second); };
  if (!named.channels.empty() || values.size() > 12 || !piece.optional_sign.empty() ||
      std::count_if(shares.of_values.begin(), shares.of_values.end(), is_used) < 2 ||
      !shares.is_of_most(shares.with_several) || mask_varies_like(named, piece))
    return false;
  const bool is_usual =
      are_usual_channels(values) || are_usual_channels(whole_words(named.volumes, piece));
  if (!is_usual && (named.masks.pieces.empty() || is_named_by_masks(named, piece))) return false;
  return are_on_one_grid(named.files, paths_of_one(named.volumes, shares));
}

std::string free_name(const NamedPaths& named, const std::string& wish) {
  const bool can_be = part_name_fault(wish).empty();
  std::string name = wish;
  for (int i = 2; named.draft.find_part(name) || name == "pid" || !part_name_fault(name).empty();
       ++i)
    name = fmt::format("{}{}", can_be ? wish : "part", i);
  return name;
}

// Only `site` means that the same identifier is of different patients.
std::string name_for(const NamedPaths& named, const PathPiece& piece, const Shares& shares) {
  const auto values = piece.values();
  const bool are_numbers = are_all(values, is_number_text);
  if (are_all(values, [](const auto& value) { return subset_meant(value).has_value(); }))
    return "subset";
  if (are_dates(values)) return "date";
  if (are_series(values)) return "series";
  if (are_all(values, [](const auto& value) { return is_modality_word(lower_case(value)); }))
    return "modality";
  // `frame` of frame01
  if (const auto words = words_of(text_before(named.volumes, piece)); !words.empty()) {
    const std::string& word = words.back();
    if (is_site_word(word)) return "site";
    if (is_phase_word(word) || word == "split" || word == "dir") return word;
  }
  if (std::any_of(values.begin(), values.end(), has_phase_word)) return "phase";
  // `CHUM-001`, `MDA-001`: letters before a number are of the site.
  const bool is_before_pid = std::any_of(
      named.volumes.pieces.begin(), named.volumes.pieces.end(), [&](const PathPiece& other) {
        return other.kind == Kind::pid && other.level == piece.level && &other > &piece;
      });
  if (is_before_pid && !are_numbers) return "site";
  if (shares.with_several * 10 >= shares.of_patients.size()) return "scan";
  return are_numbers ? "number" : "site";
}

// Of several volumes, none of which the masks name, the one that they are drawn on.
void use_one_volume(NamedPaths& named, PathPiece& piece, const Shares& shares) {
  const std::vector<std::string> paths = paths_of_one(named.volumes, shares);
  const auto pids = named.volumes.pids(), of_masks = named.masks.pids();
  std::string chosen;
  for (std::size_t n = 0; n < pids.size() && chosen.empty(); ++n) {
    const auto mask = std::find(of_masks.begin(), of_masks.end(), pids[n]);
    if (is_in(named.volumes.paths[n], paths) && mask != of_masks.end() &&
        are_on_one_grid(named.files,
                        {named.volumes.paths[n], named.masks.paths[mask - of_masks.begin()]}))
      chosen = piece.texts[n];
  }
  if (chosen.empty()) chosen = *piece.values().begin();
  choose(named.draft, named.volumes, piece, chosen,
         fmt::format("A patient has several volumes ({}) on different grids",
                     fmt::join(piece.values(), ", ")));
}

// `CT` of CT_art and CT_ven; empty: no word of the name says how all were made.
std::string modality_of(const CutPaths& cut, const PathPiece& channels) {
  std::string name;  // with an x for what varies: `MRx_x` says nothing
  for (const PathPiece& piece : cut.pieces)
    if (piece.level == channels.level)
      name += piece.kind == Kind::literal ? piece.texts.front() : "x";
  while (!name.empty()) {
    std::string word = word_at_begin(name);
    const std::string lower = lower_case(word);
    if (is_modality_word(lower) && !is_patient_word(lower)) return word;
    name.erase(0, std::max<std::size_t>(word.size(), 1));
  }
  return "";
}

void use_channels(NamedPaths& named, PathPiece& piece) {
  if (!are_usual_channels(piece.values())) take_whole_words(named.volumes, piece);
  const std::string modality =
      are_usual_channels(piece.values()) ? "" : modality_of(named.volumes, piece);
  if (lower_case(modality) == "ct") named.draft.unit = "HU";
  std::vector<std::string> names;
  piece.kind = Kind::channel;
  const Shares shares = shares_of(piece, named.volumes.pids());
  const std::vector<std::string> paths = paths_of_one(named.volumes, shares);
  PieceValues odd;
  for (std::size_t n = 0; n < named.volumes.paths.size(); ++n)
    if (is_in(named.volumes.paths[n], paths))
      if (const auto look = look_at_values(named.files, named.volumes.paths[n]);
          look && (look->is_share || (!look->labels.empty() && look->labels.size() < 8)))
        odd.insert(piece.texts[n]);
  for (const std::string& value : odd)
    named.draft.comments.push_back(
        fmt::format("`{}` looks like a mask or a probability map, not like a channel", value));
  const std::size_t patients = shares.of_patients.size();
  for (const auto& [value, count] : shares.of_values) {
    const bool is_used = shares.is_of_most(count);
    if (is_used) {
      names.push_back(modality.empty() ? value : fmt::format("{}_{}", modality, value));
      named.channels.emplace_back(names.back(), value);
    }
    if (count < patients)
      named.draft.comments.push_back(
          fmt::format("{} of {} patients have a volume `{}`, {}", count, patients, value,
                      is_used ? "and the others are reported and left out" : "which is not used"));
  }
  named.draft.comments.push_back(
      fmt::format("The volumes {} of a patient are taken for channels; they must have the "
                  "same size and place",
                  fmt::join(names, ", ")));
}

// Whether it is beside the identifier, as in TJ_0012, or in the same words as the other piece; what
// is alone in a file's name (ct.nii.gz of one hospital, and mr.nii.gz of the other) is no site.
bool can_be_short_form(const NamedPaths& named, const PathPiece& piece, const PathPiece& of) {
  bool is_same = true;
  for (std::size_t n = 0; n < piece.texts.size(); ++n)
    is_same &= lower_case(piece.texts[n]) == lower_case(of.texts[n]);
  if (is_same) return true;
  const auto [before, behind] = word_around(named.volumes, piece);
  if (!(before + behind).empty() || are_usual_channels(piece.values())) return false;
  return mask_varies_like(named, piece) ||
         std::any_of(named.volumes.pieces.begin(), named.volumes.pieces.end(),
                     [&](const PathPiece& other) {
                       return other.kind == Kind::pid && other.level == piece.level;
                     });
}

// An earlier piece that says the same in other words: the folder `tongji` of `TJ`.
const PathPiece* same_as(const NamedPaths& named, const PathPiece& piece) {
  for (const PathPiece& other : named.volumes.pieces) {
    if (&other == &piece) break;
    if (other.part.empty() || !named.draft.find_part(other.part)->has_values()) continue;
    std::map<std::string, std::string> forth, back;
    bool is_same = true;
    for (std::size_t n = 0; n < piece.texts.size() && is_same; ++n) {
      const std::string &a = other.texts[n], &b = piece.texts[n];
      is_same = !b.empty() && forth.emplace(a, b).first->second == b &&
                back.emplace(b, a).first->second == a;
    }
    if (is_same) return &other;
  }
  return nullptr;
}

void use_short_forms(NamedPaths& named, const PathPiece& names, const PathPiece& short_forms) {
  for (auto& [short_form, name] :
       named.draft.parts[*index_of(named.draft.parts, names.part)].values) {
    const auto found = std::find(names.texts.begin(), names.texts.end(), name);
    if (found != names.texts.end()) short_form = short_forms.texts[found - names.texts.begin()];
  }
}

std::string date_expression(const std::string& date) {
  return date.size() != 10 ? "[0-9]+"
                           : fmt::format("[0-9]{{4}}[{0}][0-9]{{2}}[{0}][0-9]{{2}}", date[4]);
}

void add_part(NamedPaths& named, const PathPiece& piece, const Shares& shares) {
  const auto values = piece.values();
  Part part{piece.part, {}};
  const bool is_map = values.size() <= most_names && !are_all(values, is_number_text) &&
                      !are_dates(values) && !are_series(values) && piece.optional_sign.empty() &&
                      !values.empty() &&
                      std::find(piece.texts.begin(), piece.texts.end(), "") == piece.texts.end() &&
                      std::none_of(values.begin(), values.end(),
                                   [](const auto& value) { return value.front() == '.'; });
  if (!is_map)
    part.expression = are_dates(values)    ? date_expression(*values.begin())
                      : are_series(values) ? "[0-9.]+"
                                           : expression_for({values.begin(), values.end()});
  const bool is_subset = is_map && part.name == "subset";
  for (const std::string& value : is_map ? values : PieceValues()) {
    const std::string meant = is_subset ? subset_meant(value).value_or(value) : value;
    part.values.emplace_back(part.has_value(meant) ? value : meant, value);
  }
  if (is_subset) {
    sort_subsets(part.values);
    named.draft.splits.push_back({"standard", "subset", {}, {}});
  } else if (part.name == "site" && shares.with_several > 0) {
    named.draft.comments.push_back(fmt::format(
        "{} in more than one `site`, taken for different patients. If they are the same "
        "patients, call the part `scan`",
        counted(shares.with_several, "identifier")));
  } else if (part.name == "scan" || part.name == "phase" || part.name == "modality") {
    named.draft.comments.push_back(
        fmt::format("The same identifier in several `{0}` is taken for the same patient. If it "
                    "means different patients, call the part `site`",
                    part.name));
  }
  named.draft.parts.push_back(std::move(part));
}

}  // namespace

void name_volumes(NamedPaths& named) {
  const auto pids = named.volumes.pids();
  for (PathPiece& piece : named.volumes.pieces) {
    if (piece.kind != Kind::varying) continue;
    const Shares shares = shares_of(piece, pids);
    if (is_channel(named, piece, shares)) {
      use_channels(named, piece);
    } else if (shares.is_of_most(shares.with_several) && !named.masks.pieces.empty() &&
               piece.optional_sign.empty() && !mask_varies_like(named, piece) &&
               !is_named_by_masks(named, piece)) {
      use_one_volume(named, piece, shares);
    } else if (const PathPiece* other = same_as(named, piece);
               other && can_be_short_form(named, piece, *other)) {
      piece.part = other->part;
      use_short_forms(named, *other, piece);
    } else if (other && piece.values().size() <= most_kinds) {
      use_either(named.draft, named.volumes, piece);
    } else {
      piece.part = free_name(named, name_for(named, piece, shares));
      add_part(named, piece, shares);
    }
  }
}

}  // namespace nicohort
