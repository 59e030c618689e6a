// Archives of no other known layout: masks by the words in their names, identifiers and other parts
// by what varies.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/listener.hpp"
#include "propose/file_names.hpp"
#include "propose/image_classes.hpp"
#include "propose/image_look.hpp"
#include "propose/layouts.hpp"
#include "propose/path_pieces.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;
using Values = std::set<std::string>;

constexpr std::size_t most_names = 20;     // of a part with a map
constexpr std::size_t most_looked_at = 8;  // masks of a patient

// The values of each patient, and in how many patients each is.
struct Shares {
  std::map<std::string, Values> of_patients;
  std::map<std::string, std::size_t> of_values;
  std::size_t with_several = 0;
};
Shares shares_of(const PathPiece& piece, const std::vector<std::string>& pids) {
  Shares shares;
  for (std::size_t i = 0; i < pids.size(); ++i) shares.of_patients[pids[i]].insert(piece.texts[i]);
  for (const auto& [pid, values] : shares.of_patients) {
    if (values.size() > 1) ++shares.with_several;
    for (const std::string& value : values) ++shares.of_values[value];
  }
  return shares;
}

bool is_of_most(std::size_t patients, const Shares& shares) {
  return patients * 2 >= shares.of_patients.size();
}

template <class Is>
bool are_all(const Values& values, const Is& is) {
  return !values.empty() && std::all_of(values.begin(), values.end(), is);
}

// Whether they have half of the values of one of them in common.
bool are_like(const Values& a, const Values& b) {
  const std::size_t common =
      std::count_if(a.begin(), a.end(), [&](const auto& value) { return b.contains(value); });
  return common > 0 && common * 2 >= std::min(a.size(), b.size());
}

bool has_word(const std::string& text, bool (*is)(const std::string&)) {
  const auto words = words_of(text);
  return std::any_of(words.begin(), words.end(), is);
}
bool has_phase_word(const std::string& value) {
  return has_word(value, is_phase_word);
}
bool has_prediction_word(const std::string& value) {
  return has_word(value, is_prediction_word);
}
bool has_reader_word(const std::string& value) {
  return has_word(value, is_reader_word);
}

// The longest of the values that the text has as words of its own, and where.
std::optional<std::pair<std::size_t, std::string>> value_in(const std::string& text,
                                                            const Values& values) {
  std::optional<std::pair<std::size_t, std::string>> best;
  for (const std::string& value : values)
    for (std::size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + 1)) {
      const bool is_whole =
          words_of(text).size() == words_of(text.substr(0, at)).size() + words_of(value).size() +
                                       words_of(text.substr(at + value.size())).size();
      if (is_whole && (!best || value.size() > best->second.size())) best = {at, value};
    }
  return best;
}

// Numbers for the names of labels, from 1 on: those of TotalSegmentator if it has all of them, else
// in alphabetical order.
std::vector<std::pair<int, std::string>> number_labels(const Values& names, Draft& draft) {
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

class Proposal {
 public:
  Proposal(const ArchiveFiles& files, Draft& draft) : files_(files), draft_(draft) {}

  void make() {
    draft_.layout = "an archive of no known layout, by the names of its files";
    const ImageClasses classes = classes_of(files_, draft_);
    volumes_ = cut_paths(classes.volumes, {});
    const auto pids = volumes_.pids();
    if (!classes.masks.empty()) masks_ = cut_paths(classes.masks, {pids.begin(), pids.end()});
    join_literals(masks_.pieces);
    use_volumes();
    use_masks();
    write();
  }

 private:
  bool mask_varies_like(const PathPiece& piece) const {
    return std::any_of(masks_.pieces.begin(), masks_.pieces.end(), [&](const PathPiece& other) {
      return other.kind == Kind::varying && are_like(other.values(), piece.values());
    });
  }

  // Whether the masks' paths have one of the values where all have the same.
  bool is_named_by_masks(const PathPiece& piece) const {
    return std::any_of(masks_.pieces.begin(), masks_.pieces.end(), [&](const PathPiece& other) {
      return other.kind == Kind::literal && value_in(other.texts.front(), piece.values());
    });
  }

  // The images of a patient who has the most values.
  static std::vector<std::string> paths_of_one(const CutPaths& cut, const Shares& shares) {
    const auto most = std::max_element(
        shares.of_patients.begin(), shares.of_patients.end(),
        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    std::vector<std::string> paths;
    const auto pids = cut.pids();
    for (std::size_t i = 0; i < pids.size(); ++i)
      if (pids[i] == most->first) paths.push_back(cut.paths[i]);
    return paths;
  }

  bool is_channel(const PathPiece& piece, const Shares& shares) const {
    const auto values = piece.values();
    const auto is_used = [&](const auto& value) { return is_of_most(value.second, shares); };
    if (!channels_.empty() || values.size() > 12 || !piece.optional_sign.empty() ||
        std::count_if(shares.of_values.begin(), shares.of_values.end(), is_used) < 2 ||
        !is_of_most(shares.with_several, shares) || mask_varies_like(piece))
      return false;
    const bool is_usual =
        are_all(values, [](const auto& value) { return is_channel_word(lower_case(value)); });
    if (!is_usual && (masks_.pieces.empty() || is_named_by_masks(piece))) return false;
    return are_on_one_grid(files_, paths_of_one(volumes_, shares));
  }

  std::string free_name(const std::string& wish) const {
    const bool can_be = part_name_fault(wish).empty();
    std::string name = wish;
    for (int i = 2; draft_.find_part(name) || name == "pid" || !part_name_fault(name).empty(); ++i)
      name = fmt::format("{}{}", can_be ? wish : "part", i);
    return name;
  }

  // What is before the piece in the name of its folder or file, behind the last piece that varies.
  static std::string text_before(const CutPaths& cut, const PathPiece& piece) {
    std::string text;
    for (const PathPiece& other : cut.pieces) {
      if (&other == &piece) break;
      if (other.kind == Kind::literal)
        text += other.texts.front();
      else
        text.clear();
    }
    return last_segment(text);
  }

  // Only `site` means that the same identifier is of different patients.
  std::string name_for(const PathPiece& piece, const Shares& shares) const {
    const auto values = piece.values();
    const bool are_numbers = are_all(values, is_number_text);
    if (are_all(values, [](const auto& value) { return subset_meant(value).has_value(); }))
      return "subset";
    if (are_dates(values)) return "date";
    if (are_series(values)) return "series";
    // `frame` of frame01
    if (const auto words = words_of(text_before(volumes_, piece)); !words.empty()) {
      const std::string& word = words.back();
      if (is_site_word(word)) return "site";
      if (is_phase_word(word) || word == "split" || word == "dir") return word;
    }
    if (std::any_of(values.begin(), values.end(), has_phase_word)) return "phase";
    // `CHUM-001`, `MDA-001`: letters before a number are of the site.
    const bool is_before_pid =
        std::any_of(volumes_.pieces.begin(), volumes_.pieces.end(), [&](const PathPiece& other) {
          return other.kind == Kind::pid && other.level == piece.level && &other > &piece;
        });
    if (is_before_pid && !are_numbers) return "site";
    if (shares.with_several * 10 >= shares.of_patients.size()) return "scan";
    return are_numbers ? "number" : "site";
  }

  void use_volumes() {
    const auto pids = volumes_.pids();
    for (PathPiece& piece : volumes_.pieces) {
      if (piece.kind != Kind::varying) continue;
      const Shares shares = shares_of(piece, pids);
      if (is_channel(piece, shares)) {
        piece.kind = Kind::channel;
        use_channels(piece, shares);
      } else if (is_of_most(shares.with_several, shares) && !masks_.pieces.empty() &&
                 piece.optional_sign.empty() && !mask_varies_like(piece) &&
                 !is_named_by_masks(piece)) {
        use_one_volume(piece, shares);
      } else if (const PathPiece* other = same_as(piece)) {
        piece.part = other->part;
        use_short_forms(*other, piece);
      } else {
        piece.part = free_name(name_for(piece, shares));
        add_part(piece, shares);
      }
    }
  }

  // Of several volumes, none of which the masks name, the one that they are drawn on.
  void use_one_volume(PathPiece& piece, const Shares& shares) {
    const std::vector<std::string> paths = paths_of_one(volumes_, shares);
    const auto pids = volumes_.pids(), of_masks = masks_.pids();
    std::string chosen;
    for (std::size_t n = 0; n < pids.size() && chosen.empty(); ++n) {
      const auto mask = std::find(of_masks.begin(), of_masks.end(), pids[n]);
      if (is_in(volumes_.paths[n], paths) && mask != of_masks.end() &&
          are_on_one_grid(files_, {volumes_.paths[n], masks_.paths[mask - of_masks.begin()]}))
        chosen = piece.texts[n];
    }
    if (chosen.empty()) chosen = *piece.values().begin();
    choose(volumes_, piece, chosen,
           fmt::format("A patient has several volumes ({}) on different grids",
                       fmt::join(piece.values(), ", ")));
  }

  // Takes the images with this value alone, and ignores the others.
  void choose(const CutPaths& cut, PathPiece& piece, const std::string& chosen,
              const std::string& why) {
    draft_.comments.push_back(fmt::format("{}; `{}` is used, the others are not", why, chosen));
    for (const std::string& value : piece.values()) {
      std::string glob;
      for (const PathPiece& other : cut.pieces)
        glob += &other == &piece              ? value
                : other.kind == Kind::literal ? other.texts.front()
                : glob.ends_with('*')         ? ""
                                              : "*";
      if (value != chosen) draft_.ignore.push_back(glob + ".nii*");
    }
    piece.kind = Kind::literal;
    for (std::string& text : piece.texts) text = chosen;
  }

  static bool is_in(const std::string& path, const std::vector<std::string>& paths) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  }

  void use_channels(const PathPiece& piece, const Shares& shares) {
    const std::vector<std::string> paths = paths_of_one(volumes_, shares);
    for (std::size_t n = 0; n < volumes_.paths.size(); ++n)
      if (is_in(volumes_.paths[n], paths))
        if (const auto look = look_at_values(files_, volumes_.paths[n]);
            look && (look->is_share || (!look->labels.empty() && look->labels.size() < 8)))
          draft_.comments.push_back(fmt::format(
              "`{}` looks like a mask or a probability map, not like a channel", piece.texts[n]));
    const std::size_t patients = shares.of_patients.size();
    for (const auto& [value, count] : shares.of_values) {
      const bool is_used = is_of_most(count, shares);
      if (is_used) channels_.push_back(value);
      if (count < patients)
        draft_.comments.push_back(fmt::format(
            "{} of {} patients have a volume `{}`, {}", count, patients, value,
            is_used ? "and the others are reported and left out" : "which is not used"));
    }
    draft_.comments.push_back(
        fmt::format("The volumes {} of a patient are taken for channels; they must have the "
                    "same size and place",
                    fmt::join(channels_, ", ")));
  }

  // An earlier piece that says the same in other words: the folder `tongji` of `TJ`.
  const PathPiece* same_as(const PathPiece& piece) const {
    for (const PathPiece& other : volumes_.pieces) {
      if (&other == &piece) break;
      if (other.part.empty() || !draft_.find_part(other.part)->has_values()) continue;
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

  void use_short_forms(const PathPiece& names, const PathPiece& short_forms) {
    for (auto& [short_form, name] : draft_.parts[*index_of(draft_.parts, names.part)].values) {
      const auto found = std::find(names.texts.begin(), names.texts.end(), name);
      if (found != names.texts.end()) short_form = short_forms.texts[found - names.texts.begin()];
    }
  }

  static std::string date_expression(const std::string& date) {
    return date.size() != 10 ? "[0-9]+"
                             : fmt::format("[0-9]{{4}}[{0}][0-9]{{2}}[{0}][0-9]{{2}}", date[4]);
  }

  void add_part(const PathPiece& piece, const Shares& shares) {
    const auto values = piece.values();
    Part part{piece.part, {}};
    const bool is_map =
        values.size() <= most_names && !are_all(values, is_number_text) && !are_dates(values) &&
        !are_series(values) && piece.optional_sign.empty() && !values.empty() &&
        std::find(piece.texts.begin(), piece.texts.end(), "") == piece.texts.end() &&
        std::none_of(values.begin(), values.end(),
                     [](const auto& value) { return value.front() == '.'; });
    if (!is_map)
      part.expression = are_dates(values)    ? date_expression(*values.begin())
                        : are_series(values) ? "[0-9.]+"
                                             : expression_for({values.begin(), values.end()});
    const bool is_subset = is_map && part.name == "subset";
    for (const std::string& value : is_map ? values : Values()) {
      const std::string meant = is_subset ? subset_meant(value).value_or(value) : value;
      part.values.emplace_back(part.has_value(meant) ? value : meant, value);
    }
    if (is_subset) {
      sort_subsets(part.values);
      draft_.splits.push_back({"standard", "subset", {}, {}});
    } else if (part.name == "site" && shares.with_several > 0) {
      draft_.comments.push_back(fmt::format(
          "{} in more than one `site`, taken for different patients. If they are the same "
          "patients, call the part `scan`",
          counted(shares.with_several, "identifier")));
    } else if (part.name == "scan" || part.name == "phase") {
      draft_.comments.push_back(
          fmt::format("The same identifier in several `{0}` is taken for the same patient. If it "
                      "means different patients, call the part `site`",
                      part.name));
    }
    draft_.parts.push_back(std::move(part));
  }

  void use_masks() {
    std::set<const PathPiece*> used;
    for (PathPiece& piece : masks_.pieces)
      for (const PathPiece& other : volumes_.pieces)
        if (piece.kind == Kind::varying && piece.part.empty() && !other.part.empty() &&
            !used.contains(&other) && are_like(piece.values(), other.values())) {
          piece.part = other.part;
          used.insert(&other);
        }
    use_other_masks();
    // A value that all masks have in common: only `training` has masks.
    for (const PathPiece& other : volumes_.pieces) {
      if (other.part.empty() || used.contains(&other)) continue;
      for (std::size_t i = 0; i < masks_.pieces.size(); ++i) {
        const PathPiece piece = masks_.pieces[i];
        const auto value = piece.kind == Kind::literal && piece.level == other.level
                               ? value_in(piece.texts.front(), other.values())
                               : std::nullopt;
        if (!value) continue;
        const auto& [at, text] = *value;
        const std::vector<std::string> texts(masks_.paths.size(), text);
        const std::string &whole = piece.texts.front(), rest = whole.substr(at + text.size());
        masks_.pieces[i].texts.front().resize(at);
        masks_.pieces.insert(masks_.pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             {{Kind::varying, texts, piece.level, "", other.part},
                              {Kind::literal, {rest}, piece.level}});
        break;
      }
    }
  }

  // What varies in the masks' names alone: labels that have a file each, or readers.
  void use_other_masks() {
    auto is_unknown = [](const PathPiece& piece) {
      return piece.kind == Kind::varying && piece.part.empty();
    };
    const auto first = std::find_if(masks_.pieces.begin(), masks_.pieces.end(), is_unknown);
    if (first == masks_.pieces.end()) return;
    // `kidney_left`, `lung_right`: the two vary, but are one name.
    for (auto next = first + 1; next != masks_.pieces.end() && next->level == first->level;
         ++next) {
      const auto last = std::find_if(next, masks_.pieces.end(), [](const PathPiece& piece) {
        return piece.kind != Kind::literal;
      });
      if (last == masks_.pieces.end() || !is_unknown(*last) || last->level != first->level ||
          !(first->optional_sign + last->optional_sign).empty())
        break;
      for (auto piece = first + 1; piece <= last; ++piece)
        for (std::size_t n = 0; n < first->texts.size(); ++n)
          first->texts[n] += piece->texts[piece->kind == Kind::literal ? 0 : n];
      next = masks_.pieces.erase(first + 1, last + 1) - 1;
    }
    const Shares shares = shares_of(*first, masks_.pids());
    const auto values = first->values();
    if (!is_of_most(shares.with_several, shares) || !first->optional_sign.empty() ||
        values.size() > 255) {
      use_usual_name(*first, shares);
      return;
    }
    if (values.size() <= most_looked_at && use_one_mask(*first, shares)) return;
    first->part = "label";
    draft_.has_label_files = true;
    draft_.layout = "an archive with a mask file for each label, by the names of its files";
    draft_.labels = number_labels(values, draft_);
    draft_.comments.push_back(
        "A patient has several masks, which are taken for a file for each label. A voxel in two "
        "of them is reported, and the sample has no mask then (`overlap: error`); last and first "
        "take the label of the larger or smaller number");
  }

  // Where some masks are called otherwise than most, those are misfits.
  void use_usual_name(PathPiece& piece, const Shares& shares) {
    const auto most =
        std::max_element(shares.of_values.begin(), shares.of_values.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    draft_.comments.push_back(
        fmt::format("The names of the masks vary ({} ...), which no volume's name says",
                    shares.of_values.rbegin()->first));
    if (!is_of_most(most->second, shares)) return;
    const std::string text = most->first.empty() ? "" : piece.optional_sign + most->first;
    piece.kind = Kind::literal;
    piece.texts.assign(piece.texts.size(), text);
    piece.optional_sign.clear();
  }

  // If the masks of a patient are several of the same, one of them is taken.
  bool use_one_mask(PathPiece& piece, const Shares& shares) {
    std::map<std::string, ValuesLook> looks;
    const std::vector<std::string> paths = paths_of_one(masks_, shares);
    for (std::size_t n = 0; n < masks_.paths.size(); ++n)
      if (is_in(masks_.paths[n], paths))
        if (auto look = look_at_values(files_, masks_.paths[n]))
          looks.emplace(piece.texts[n], std::move(*look));
    const bool has_maps =
        std::erase_if(looks, [](const auto& look) { return look.second.is_share; });
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
        are_all(values, has_reader_word) || has_reader_word(text_before(masks_, piece));
    if (!has_labels && !are_same && !are_readers && !(has_maps && looks.size() == 1)) {
      if (!are_apart)
        draft_.comments.push_back("The masks of a patient overlap: choose one, or set `overlap`");
      return false;
    }
    const auto rank = [&](const auto& look) {
      return std::tuple(!has_prediction_word(look.first), look.second.labels.size(),
                        shares.of_values.at(look.first));
    };
    const auto chosen =
        std::max_element(looks.begin(), looks.end(),
                         [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    choose(masks_, piece, chosen->first,
           fmt::format("A patient has several masks ({}), which {}", fmt::join(values, ", "),
                       has_maps ? "are not all labels" : "are of the same things"));
    return true;
  }

  // Neighbouring literals of a name as one, which texts.front() is; without empty ones.
  static void join_literals(std::vector<PathPiece>& pieces) {
    std::vector<PathPiece> joined;
    for (PathPiece& piece : pieces) {
      if (piece.kind == Kind::literal && piece.texts.front().empty()) continue;
      if (piece.kind == Kind::literal && !joined.empty() && joined.back().kind == Kind::literal &&
          joined.back().level == piece.level)
        joined.back().texts.front() += piece.texts.front();
      else
        joined.push_back(std::move(piece));
    }
    pieces = std::move(joined);
  }

  // What is before {pid} in all patterns belongs to it: case_00012, not 00012.
  void widen() {
    std::vector<std::vector<PathPiece>*> patterns{&volumes_.pieces, &masks_.pieces};
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
    draft_.pid_prefix = prefix;
    draft_.parts.push_back({"pid", {}, expression_for({pids.begin(), pids.end()})});
    tell_last_letters(pids);
  }

  // x001a and x001b: two scans of a patient?
  void tell_last_letters(const Values& pids) {
    std::set<std::string> stems;
    for (const std::string& pid : pids) {
      if (pid.size() < 3 || !has_digit(pid.substr(pid.size() - 2, 1)) ||
          has_digit(pid.substr(pid.size() - 1)))
        return;
      stems.insert(pid.substr(0, pid.size() - 1));
    }
    if (stems.size() == pids.size()) return;
    draft_.comments.push_back(fmt::format(
        "Some identifiers differ only in their last letter, such as {} and {}, and are taken for "
        "different patients. If they are the same, write another part for the letter",
        *pids.begin(), *std::next(pids.begin())));
  }

  std::string placeholder(const PathPiece& piece) const {
    if (piece.kind == Kind::pid) return "{pid}";
    if (piece.part.empty()) return "{any}";
    const Part* part = draft_.find_part(piece.part);
    const bool is_short = !part || are_all(piece.values(), [&](const auto& value) {
      return part->has_value(value) || !part->has_values();
    });
    return "{" + piece.part + (is_short ? "}" : "_dir}");
  }

  std::string pattern_of(const CutPaths& cut, const std::string& channel) const {
    std::string pattern, literal;
    for (const PathPiece& piece : cut.pieces) {
      if (piece.kind == Kind::literal || piece.kind == Kind::channel) {
        literal += piece.kind == Kind::channel ? channel : piece.texts.front();
        continue;
      }
      pattern += pattern_literal(literal);
      literal.clear();
      pattern += piece.optional_sign.empty() ? placeholder(piece)
                                             : "[" + piece.optional_sign + placeholder(piece) + "]";
    }
    return pattern + pattern_literal(literal) + ".nii.gz";
  }

  void write() {
    widen();
    if (channels_.size() < 2) {
      draft_.volumes = {{"", pattern_of(volumes_, channels_.empty() ? "" : channels_.front())}};
      const auto words = words_of(last_segment(without_image_ending(volumes_.paths.front())));
      if (std::find(words.begin(), words.end(), "ct") != words.end()) draft_.unit = "HU";
    } else {
      for (const std::string& name : channels_)
        draft_.volumes.emplace_back(name, pattern_of(volumes_, name));
    }
    if (!masks_.pieces.empty()) draft_.mask = pattern_of(masks_, "");
    for (const Part& part : draft_.parts)
      if (part.has_values() && part.name != "subset")
        draft_.comments.push_back(fmt::format(
            "`{}` is a guess; rename the part and its short forms (before the colons) as you like",
            part.name));
  }

  const ArchiveFiles& files_;
  Draft& draft_;
  CutPaths volumes_, masks_;
  std::vector<std::string> channels_;
};

}  // namespace

std::optional<Draft> propose_by_names(const ArchiveFiles& files) {
  Draft draft;
  Proposal(files, draft).make();
  return draft;
}

}  // namespace nicohort
