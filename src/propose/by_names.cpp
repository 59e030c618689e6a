// Archives of no known layout: masks by the words in their names, identifiers and other parts by
// what varies.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "propose/file_names.hpp"
#include "propose/image_classes.hpp"
#include "propose/known_labels.hpp"
#include "propose/layouts.hpp"
#include "propose/path_pieces.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;

constexpr std::size_t most_names = 20;  // of a part with a map

// What becomes of a variable piece.
struct Use {
  enum class Kind { part, channel, label, any };

  Kind kind = Kind::any;
  std::string part;
  bool is_in_archive = false;
};

struct Share {
  std::size_t patients = 0, with_several = 0;
  std::map<std::string, std::size_t> of_values;  // patients that have the value
};
Share share_of(const PathPiece& piece, const std::vector<std::string>& pids) {
  std::map<std::string, std::set<std::string>> of_patients;
  for (std::size_t i = 0; i < pids.size(); ++i) of_patients[pids[i]].insert(piece.texts[i]);
  Share share{of_patients.size(), 0, {}};
  for (const auto& [pid, values] : of_patients) {
    if (values.size() > 1) ++share.with_several;
    for (const std::string& value : values) ++share.of_values[value];
  }
  return share;
}

std::size_t count_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::count_if(a.begin(), a.end(), [&](const auto& value) { return b.contains(value); });
}

template <class Is>
bool are_all(const std::set<std::string>& values, const Is& is) {
  return !values.empty() && std::all_of(values.begin(), values.end(), is);
}

bool has_phase_word(const std::string& value) {
  const auto words = words_of(value);
  return std::any_of(words.begin(), words.end(), is_phase_word);
}

// A pattern on its way to a text.
struct Item {
  std::string text;
  bool is_literal = true;
};
using Items = std::vector<Item>;

class Proposal {
 public:
  Proposal(const ArchiveFiles& files, Draft& draft) : files_(files), draft_(draft) {}

  bool make() {
    const ImageClasses classes = classes_of(files_.images);
    draft_.ignore = classes.ignored;
    volumes_ = cut_paths(classes.volumes, {});
    const auto pids = volumes_.pids();
    pids_ = {pids.begin(), pids.end()};
    if (!classes.masks.empty()) masks_ = cut_paths(classes.masks, pids_);
    tell_classes(classes);
    use_volumes();
    if (!masks_.pieces.empty()) use_masks();
    write();
    return true;
  }

 private:
  void tell_classes(const ImageClasses& classes) {
    draft_.layout = "an archive of no known layout, by the names of its files";
    if (classes.masks.empty())
      draft_.comments.push_back(
          "No image is called a mask (mask, seg, label, roi, gt ...), so all are taken for "
          "volumes");
    else
      draft_.comments.push_back(fmt::format("Taken for masks: images with {} in the path",
                                            fmt::join(classes.words, ", ")));
  }

  static std::vector<std::size_t> variables_of(const CutPaths& cut) {
    std::vector<std::size_t> variables;
    for (std::size_t i = 0; i < cut.pieces.size(); ++i)
      if (cut.pieces[i].kind == Kind::variable) variables.push_back(i);
    return variables;
  }

  // The variable of the masks that has mostly the same values.
  const PathPiece* mask_variable_like(const PathPiece& piece) const {
    const auto values = piece.values();
    for (const std::size_t i : variables_of(masks_)) {
      const auto others = masks_.pieces[i].values();
      if (count_common(others, values) * 2 >= std::min(others.size(), values.size()) &&
          count_common(others, values) > 0)
        return &masks_.pieces[i];
    }
    return nullptr;
  }

  // Whether the masks' paths have one of the values where all have the same.
  bool is_named_by_masks(const PathPiece& piece) const {
    const auto values = piece.values();
    return std::any_of(masks_.pieces.begin(), masks_.pieces.end(), [&](const PathPiece& other) {
      return other.kind == Kind::literal && !value_at_end(other.texts.front(), values).empty();
    });
  }

  // The value with which a literal ends, from the beginning of a word on.
  static std::string value_at_end(const std::string& literal, const std::set<std::string>& values) {
    for (const std::string& value : values) {
      if (literal == value) return value;
      if (literal.size() <= value.size() || !literal.ends_with(value)) continue;
      const auto words = words_of(literal), last = words_of(value);
      if (words.size() > last.size() && !last.empty() &&
          std::equal(last.rbegin(), last.rend(), words.rbegin()))
        return value;
    }
    return "";
  }

  bool is_channel(const PathPiece& piece, const Share& share) const {
    const auto values = piece.values();
    if (has_channel_ || values.size() < 2 || values.size() > 12 || !piece.optional_sign.empty() ||
        share.with_several * 2 < share.patients || mask_variable_like(piece))
      return false;
    const bool is_usual =
        are_all(values, [](const auto& value) { return is_channel_word(lower_case(value)); });
    if (masks_.pieces.empty()) return is_usual;
    return is_usual || !(are_all(values, has_phase_word) && is_named_by_masks(piece));
  }

  std::string free_name(const std::string& wish) const {
    std::string name = wish;
    for (int i = 2; draft_.find_part(name) || name == "pid" || !part_name_fault(name).empty(); ++i)
      name = fmt::format("{}{}", part_name_fault(wish).empty() ? wish : "part", i);
    return name;
  }

  // The word before the piece, if it says what the piece is: `frame` of frame01.
  static std::string word_before(const CutPaths& cut, std::size_t piece) {
    std::string text;
    for (std::size_t i = piece;
         i-- > 0 && cut.pieces[i].kind == Kind::literal && cut.pieces[i].texts.front() != "/";)
      text.insert(0, cut.pieces[i].texts.front());
    const auto words = words_of(text);
    if (words.empty()) return "";
    const std::string& word = words.back();
    return is_phase_word(word) || is_site_word(word) || word == "split" || word == "dir" ? word
                                                                                         : "";
  }

  // `site` is what tells apart patients of the same identifier.
  static std::string part_called(const std::string& word) {
    return is_site_word(word) ? "site" : word;
  }

  std::string name_for(const PathPiece& piece, const Share& share, std::size_t index) const {
    const auto values = piece.values();
    if (are_all(values, [](const auto& value) { return subset_meant(value).has_value(); }))
      return free_name("subset");
    if (const std::string word = word_before(volumes_, index); !word.empty())
      return free_name(part_called(word));
    if (std::any_of(values.begin(), values.end(), has_phase_word)) return free_name("phase");
    // `CHUM-001`, `MDA-001`: letters before a number are of the site.
    const bool is_before_pid =
        std::any_of(volumes_.pieces.begin() + static_cast<std::ptrdiff_t>(index),
                    volumes_.pieces.end(), [&](const PathPiece& other) {
                      return other.kind == Kind::pid && other.level == piece.level;
                    });
    if (is_before_pid && !are_all(values, is_number_text)) return free_name("site");
    if (share.with_several * 10 < share.patients)
      return free_name(are_all(values, is_number_text) ? "number" : "site");
    return free_name(are_all(values, is_number_text) ? "scan" : "phase");
  }

  void use_volumes() {
    const auto pids = volumes_.pids();
    for (const std::size_t i : variables_of(volumes_)) {
      const PathPiece& piece = volumes_.pieces[i];
      const Share share = share_of(piece, pids);
      if (is_channel(piece, share)) {
        has_channel_ = true;
        uses_[i] = {Use::Kind::channel, "", false};
        channels_ = share;
        continue;
      }
      if (const auto other = same_as(i)) {
        uses_[i] = {Use::Kind::part, uses_[*other].part, false};
        short_forms(*other, i);
        continue;
      }
      add_part(piece, name_for(piece, share, i), i);
    }
  }

  // An earlier piece that says the same in other words: the folder `tongji` of `TJ`.
  std::optional<std::size_t> same_as(std::size_t index) const {
    const PathPiece& piece = volumes_.pieces[index];
    for (const auto& [other, use] : uses_) {
      if (use.kind != Use::Kind::part || !draft_.find_part(use.part)->has_values()) continue;
      std::map<std::string, std::string> forth, back;
      bool is_same = true;
      for (std::size_t n = 0; n < piece.texts.size() && is_same; ++n) {
        const std::string& a = volumes_.pieces[other].texts[n];
        const std::string& b = piece.texts[n];
        is_same = !b.empty() && forth.emplace(a, b).first->second == b &&
                  back.emplace(b, a).first->second == a;
      }
      if (is_same) return other;
    }
    return {};
  }

  void short_forms(std::size_t of, std::size_t index) {
    Part& part = draft_.parts[*index_of(draft_.parts, uses_[of].part)];
    for (auto& [short_form, name] : part.values)
      for (std::size_t n = 0; n < volumes_.paths.size(); ++n)
        if (volumes_.pieces[of].texts[n] == name) {
          short_form = volumes_.pieces[index].texts[n];
          break;
        }
    uses_[of].is_in_archive = true;
  }

  void add_part(const PathPiece& piece, const std::string& name, std::size_t index) {
    const auto values = piece.values();
    Part part{name, {}};
    const bool is_map = values.size() <= most_names && !are_all(values, is_number_text) &&
                        piece.optional_sign.empty() && !piece.texts.empty() &&
                        values.size() == std::set(piece.texts.begin(), piece.texts.end()).size() &&
                        std::none_of(values.begin(), values.end(),
                                     [](const auto& value) { return value.front() == '.'; });
    Use use{Use::Kind::part, name, false};
    if (is_map) {
      for (const std::string& value : values) {
        const std::string meant = name == "subset" ? subset_meant(value).value_or(value) : value;
        part.values.emplace_back(part.has_value(meant) ? value : meant, value);
      }
      if (name == "subset") sort_subsets(part.values);
      use.is_in_archive =
          std::any_of(part.values.begin(), part.values.end(),
                      [](const auto& value) { return value.first != value.second; });
    } else {
      part.expression = expression_for({values.begin(), values.end()});
    }
    if (name == "subset" && is_map) draft_.splits.push_back({"standard", "subset", {}, {}});
    draft_.parts.push_back(std::move(part));
    uses_[index] = use;
  }

  void use_masks() {
    const auto pids = masks_.pids();
    std::set<std::size_t> used;
    for (const std::size_t i : variables_of(masks_)) {
      const auto values = masks_.pieces[i].values();
      Use& use = mask_uses_[i];
      for (const auto& [volume_piece, of_volume] : uses_) {
        if (of_volume.kind != Use::Kind::part || used.contains(volume_piece)) continue;
        const auto others = volumes_.pieces[volume_piece].values();
        const std::size_t common = count_common(values, others);
        if (common == 0 || common * 2 < std::min(values.size(), others.size())) continue;
        use = of_volume;
        used.insert(volume_piece);
        break;
      }
      if (use.kind == Use::Kind::any) use_mask_variable(i, share_of(masks_.pieces[i], pids));
    }
    // A value that all masks have in common: only `training` has masks.
    for (const auto& [volume_piece, of_volume] : uses_) {
      if (of_volume.kind != Use::Kind::part || used.contains(volume_piece)) continue;
      const auto values = volumes_.pieces[volume_piece].values();
      for (std::size_t i = 0; i < masks_.pieces.size(); ++i) {
        const PathPiece& piece = masks_.pieces[i];
        if (piece.kind != Kind::literal || literal_uses_.contains(i) ||
            piece.level != volumes_.pieces[volume_piece].level ||
            value_at_end(piece.texts.front(), values).empty())
          continue;
        literal_uses_[i] = {value_at_end(piece.texts.front(), values), of_volume};
        break;
      }
    }
  }

  void use_mask_variable(std::size_t index, const Share& share) {
    const auto values = masks_.pieces[index].values();
    const bool has_several = share.with_several * 2 >= share.patients;
    if (!has_several || draft_.has_label_files || !masks_.pieces[index].optional_sign.empty() ||
        values.size() > 255) {
      draft_.comments.push_back(fmt::format(
          "The names of the masks vary ({}), which no volume's name says",
          fmt::join(std::vector(values.begin(),
                                std::next(values.begin(), std::min<std::size_t>(values.size(), 5))),
                    ", ")));
      return;
    }
    mask_uses_[index] = {Use::Kind::label, "", false};
    draft_.has_label_files = true;
    bool is_known = false;
    draft_.labels = number_labels({values.begin(), values.end()}, is_known);
    draft_.labels.insert(draft_.labels.begin(), {0, "background"});
    draft_.comments.push_back(
        "A patient has several masks, which are taken for a file for each label. If they are "
        "masks of the same label, choose one");
  }

  Items items_of(const CutPaths& cut, const std::map<std::size_t, Use>& uses,
                 const std::string& channel) const {
    Items items;
    auto add = [&](const std::string& text, bool is_literal) {
      if (is_literal && !items.empty() && items.back().is_literal)
        items.back().text += text;
      else if (!text.empty())
        items.push_back({text, is_literal});
    };
    auto placeholder = [](const Use& use) {
      return "{" + use.part + (use.is_in_archive ? "_dir" : "") + "}";
    };
    for (std::size_t i = 0; i < cut.pieces.size(); ++i) {
      const PathPiece& piece = cut.pieces[i];
      if (piece.kind == Kind::pid) {
        add("{pid}", false);
      } else if (piece.kind == Kind::literal) {
        const auto literal = &cut == &masks_ ? literal_uses_.find(i) : literal_uses_.end();
        const std::string& text = piece.texts.front();
        if (literal == literal_uses_.end()) {
          add(text, true);
          continue;
        }
        add(text.substr(0, text.size() - literal->second.first.size()), true);
        add(placeholder(literal->second.second), false);
      } else {
        const auto found = uses.find(i);
        const Use use = found == uses.end() ? Use{} : found->second;
        if (use.kind == Use::Kind::channel)
          add(channel, true);
        else if (use.kind == Use::Kind::label)
          add("{label}", false);
        else if (use.kind == Use::Kind::any)
          add("{any}", false);
        else if (!piece.optional_sign.empty())
          add("[" + piece.optional_sign + placeholder(use) + "]", false);
        else
          add(placeholder(use), false);
      }
    }
    return items;
  }

  // What is before {pid} in all patterns belongs to it: case_00012, not 00012.
  void widen(std::vector<Items>& patterns) {
    std::vector<std::string> before;
    for (const Items& items : patterns)
      for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].text == "{pid}")
          before.push_back(i > 0 && items[i - 1].is_literal ? last_segment(items[i - 1].text) : "");
    // One more character, so that a whole text can be in common.
    std::vector<std::string> longer;
    for (const std::string& text : before) longer.push_back("/" + text);
    std::string prefix = longer.size() == 1 || std::set(before.begin(), before.end()).size() == 1
                             ? before.front()
                             : common_suffix(longer);
    prefix.erase(0, prefix.find_first_not_of("_-. ") == std::string::npos
                        ? prefix.size()
                        : prefix.find_first_not_of("_-. "));
    if (prefix.find_first_of("{}[]/") != std::string::npos) prefix.clear();
    for (Items& items : patterns)
      for (std::size_t i = 1; i < items.size(); ++i)
        if (items[i].text == "{pid}" && !prefix.empty())
          items[i - 1].text.resize(items[i - 1].text.size() - prefix.size());
    draft_.pid_prefix = prefix;
    std::vector<std::string> pids;
    std::set<std::string> all = pids_;
    for (const std::string& pid : masks_.pids()) all.insert(pid);
    for (const std::string& pid : all) pids.push_back(prefix + pid);
    draft_.parts.push_back({"pid", {}, expression_for(pids)});
  }

  static std::string text_of(const Items& items) {
    std::string text;
    for (const Item& item : items) text += item.is_literal ? pattern_literal(item.text) : item.text;
    return text + ".nii.gz";
  }

  void write() {
    std::vector<std::string> names{""};
    if (has_channel_) {
      names.clear();
      for (const auto& [value, count] : channels_.of_values) {
        if (count * 2 >= channels_.patients)
          names.push_back(value);
        else
          draft_.comments.push_back(
              fmt::format("Only {} of {} patients have a volume `{}`, which "
                          "is not used",
                          count, channels_.patients, value));
        if (count * 2 >= channels_.patients && count < channels_.patients)
          draft_.comments.push_back(
              fmt::format("{} of {} patients have a volume `{}`; without all channels a sample is "
                          "reported",
                          count, channels_.patients, value));
      }
      draft_.comments.push_back(
          fmt::format("The volumes {} of a patient are taken for channels; they must have the "
                      "same size and place",
                      fmt::join(names, ", ")));
    }
    std::vector<Items> patterns;
    for (const std::string& name : names) patterns.push_back(items_of(volumes_, uses_, name));
    if (!masks_.pieces.empty()) patterns.push_back(items_of(masks_, mask_uses_, ""));
    widen(patterns);
    for (std::size_t i = 0; i < names.size(); ++i)
      draft_.volumes.emplace_back(names.size() == 1 ? "" : names[i], text_of(patterns[i]));
    if (!masks_.pieces.empty()) draft_.mask = text_of(patterns.back());
    for (const Part& part : draft_.parts)
      if (part.has_values() && part.name != "subset")
        draft_.comments.push_back(fmt::format(
            "`{}` is a guess; rename the part and its short forms (before the colons) as you "
            "like{}",
            part.name,
            part.name == "phase" ? ". If the same identifier means different patients in them, it "
                                   "must be `site`"
                                 : ""));
  }

  const ArchiveFiles& files_;
  Draft& draft_;
  CutPaths volumes_, masks_;
  std::set<std::string> pids_;
  std::map<std::size_t, Use> uses_, mask_uses_;  // by the index of the piece
  std::map<std::size_t, std::pair<std::string, Use>>
      literal_uses_;  // of masks: the value, its part
  bool has_channel_ = false;
  Share channels_;
};

}  // namespace

std::optional<Draft> propose_by_names(const ArchiveFiles& files) {
  Draft draft;
  Proposal(files, draft).make();
  return draft;
}

}  // namespace nicohort
