#include "propose/path_pieces.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "propose/file_names.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Kind = PathPiece::Kind;
using Texts = std::vector<std::string>;  // of each path

constexpr std::string_view separators = "_-. ";
constexpr double known_score = 1e9;  // of a piece that has an identifier which is known

bool is_separator(char c) {
  return separators.find(c) != std::string_view::npos;
}

std::set<std::string> distinct(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

bool is_date(const std::string& text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_number_text(text.substr(i, 1)))
      digits += text[i];
    else if (text.size() != 10 || (i != 4 && i != 7) || !is_separator(text[i]))
      return false;
  return (digits.size() == 8 || digits.size() == 12 || digits.size() == 14) &&
         (digits.starts_with("19") || digits.starts_with("20")) && digits.substr(4, 2) >= "01" &&
         digits.substr(4, 2) <= "12" && digits.substr(6, 2) >= "01" && digits.substr(6, 2) <= "31";
}

bool is_series(const std::string& text) {
  return std::count(text.begin(), text.end(), '.') > 3 && has_digit(text.substr(0, 1)) &&
         text.find_first_not_of("0123456789.") == std::string::npos;
}

// What is between the separators of a name, and these: `AB_12` is AB, _, 12. A date and a number of
// DICOM is one.
Texts tokens_of(const std::string& name) {
  Texts tokens{""};
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (tokens.back().empty()) {
      std::size_t end = std::min(name.find_first_not_of("0123456789.", i), name.size());
      while (end > i && name[end - 1] == '.') --end;
      const std::size_t size = is_date(name.substr(i, 10))          ? 10
                               : is_series(name.substr(i, end - i)) ? end - i
                                                                    : 0;
      if (size > 0 && (i + size == name.size() || is_separator(name[i + size]))) {
        tokens.back() = name.substr(i, size);
        i += size - 1;
        continue;
      }
    }
    if (is_separator(name[i])) {
      tokens.emplace_back(1, name[i]);
      tokens.emplace_back();
    } else {
      tokens.back() += name[i];
    }
  }
  return tokens;
}

// The separators of a name, in their order.
std::string signature(const std::string& name) {
  const Texts tokens = tokens_of(name);
  std::string signs;
  for (std::size_t i = 1; i < tokens.size(); i += 2) signs += tokens[i];
  return signs;
}

// The most frequent value of a function of the paths, and those that have it.
template <class Of>
Texts of_most(const Texts& paths, const Of& of, double least_share) {
  std::map<decltype(of(paths.front())), Texts> groups;
  for (const std::string& path : paths) groups[of(path)].push_back(path);
  auto largest = groups.begin();
  for (auto group = groups.begin(); group != groups.end(); ++group)
    if (group->second.size() > largest->second.size()) largest = group;
  return static_cast<double>(largest->second.size()) >= least_share * paths.size() ? largest->second
                                                                                   : paths;
}

// The tokens of all names, each with what stands at its place in the others. Of names with other
// separators those that are alike at both ends, and what is between as a whole.
std::vector<Texts> fields_of(const Texts& names) {
  std::vector<Texts> tokens;  // of each name
  std::set<std::string> signatures;
  for (const std::string& name : names) {
    tokens.push_back(tokens_of(name));
    signatures.insert(signature(name));
  }
  std::size_t least = tokens.front().size();
  for (const Texts& of_name : tokens) least = std::min(least, of_name.size());
  auto column = [&](const auto& index_in) {
    Texts texts;
    for (const Texts& of_name : tokens) texts.push_back(of_name[index_in(of_name)]);
    return texts;
  };
  auto are_alike = [](const Texts& texts) {
    return distinct(texts).size() == 1 || std::all_of(texts.begin(), texts.end(), has_digit);
  };
  std::vector<Texts> fields, behind;
  if (signatures.size() == 1) {
    for (std::size_t i = 0; i < least; ++i) fields.push_back(column([&](auto&) { return i; }));
    return fields;
  }
  // A token with its separator; one token of each name is left.
  while (fields.size() + behind.size() + 2 < least) {
    Texts last = column([&](auto& name) { return name.size() - 1 - behind.size(); });
    Texts sign = column([&](auto& name) { return name.size() - 2 - behind.size(); });
    if (!are_alike(last) || !are_alike(sign)) break;
    behind.insert(behind.begin(), {std::move(sign), std::move(last)});
  }
  while (fields.size() + behind.size() + 2 < least) {
    Texts next = column([&](auto&) { return fields.size(); });
    Texts sign = column([&](auto&) { return fields.size() + 1; });
    if (!are_alike(next) || !are_alike(sign)) break;
    fields.insert(fields.end(), {std::move(next), std::move(sign)});
  }
  Texts middle;
  for (const Texts& of_name : tokens) {
    middle.emplace_back();
    for (std::size_t i = fields.size(); i + behind.size() < of_name.size(); ++i)
      middle.back() += of_name[i];
  }
  fields.push_back(std::move(middle));
  fields.insert(fields.end(), behind.begin(), behind.end());
  return fields;
}

// How much it looks as if these told patients apart.
double identifier_score(const Texts& texts, bool is_repeated) {
  const auto values = distinct(texts);
  const auto with_digits = std::count_if(values.begin(), values.end(),
                                         [](const std::string& text) { return has_digit(text); });
  const bool has_digits = with_digits * 10 >= static_cast<std::ptrdiff_t>(values.size()) * 8;
  if (values.size() < 2 && !has_digits) return 0;
  double score = static_cast<double>(values.size()) * (has_digits ? 8 : 1) * (is_repeated ? 3 : 1);
  bool is_patient = false, is_phase = false, is_site = false, is_other = true;
  for (const std::string& word : words_of(*values.begin())) {
    is_patient |= is_patient_word(word);
    is_phase |= is_phase_word(word);
    is_site |= is_site_word(word);
  }
  for (const std::string& value : values)
    is_other &= is_channel_word(lower_case(value)) || subset_meant(value).has_value();
  if (are_dates(values) || are_series(values)) score /= 1024;
  const bool are_small = std::all_of(values.begin(), values.end(), [](const std::string& value) {
    return value.size() < 3 && is_number_text(value) && value.front() != '0';
  });
  if (are_small) score /= 4;  // more often of scans
  if (is_patient) score *= 4;
  if (is_phase) score /= 16;
  if (is_site) score /= 8;
  if (is_other) score /= 64;
  return score;
}

// Texts without what all have at both ends.
struct Core {
  std::string prefix, suffix;
  Texts texts;
};
Core core_between(const std::string& prefix, const std::string& suffix, const Texts& texts) {
  Core core{prefix, suffix, {}};
  for (const std::string& text : texts)
    core.texts.push_back(text.substr(prefix.size(), text.size() - prefix.size() - suffix.size()));
  return core;
}
Core core_of(const Texts& texts) {
  const auto values = distinct(texts);
  const Texts list(values.begin(), values.end());
  if (list.size() == 1)  // one patient only: the letters before the number
    return core_between(
        has_digit(list[0]) ? list[0].substr(0, list[0].find_first_of("0123456789")) : "", "",
        texts);
  const std::string prefix = common_prefix(list);
  Texts rests;
  for (const std::string& text : list) rests.push_back(text.substr(prefix.size()));
  return core_between(prefix, common_suffix(rests), texts);
}

std::size_t count_known(const Texts& texts, const std::set<std::string>& known) {
  const auto values = distinct(texts);
  return std::count_if(values.begin(), values.end(),
                       [&](const std::string& text) { return known.contains(text); });
}

// Without what must be left out at both ends for the most of them to be known; with nothing left
// out if none is known then.
Core core_of_known(const Texts& texts, const std::set<std::string>& known) {
  const auto values = distinct(texts);
  const Texts list(values.begin(), values.end());
  std::size_t shortest = list.front().size(), best = count_known(list, known);
  for (const std::string& text : list) shortest = std::min(shortest, text.size());
  Core best_core{"", "", texts};
  for (const std::string& suffix : {std::string(), core_of(texts).suffix})
    for (std::size_t size = 0; size + suffix.size() < shortest && best < list.size(); ++size) {
      const std::string prefix = list.front().substr(0, size);
      if (!std::all_of(list.begin(), list.end(),
                       [&](const std::string& text) { return text.starts_with(prefix); }))
        break;
      const std::size_t count = count_known(core_between(prefix, suffix, list).texts, known);
      if (count <= best) continue;
      best = count;
      best_core = core_between(prefix, suffix, texts);
    }
  return best_core;
}

// Where the identifier is: a folder, or fields of the file's name.
struct Place {
  std::optional<std::size_t> level;   // of the folder
  std::size_t first = 0, behind = 0;  // fields
  double score = 0;
};

class Cutter {
 public:
  Cutter(Texts paths, const std::set<std::string>& known) : known_(known) {
    for (const std::string& path : paths) {
      auto segments = segments_of(without_image_ending(path));
      names_.push_back(segments.back());
      segments.pop_back();
      folders_.resize(segments.size());
      for (std::size_t i = 0; i < segments.size(); ++i) folders_[i].push_back(segments[i]);
    }
    result_.paths = std::move(paths);
  }

  CutPaths cut() && {
    fields_ = fields_of(names_);
    Place place = find_place();
    if (!known_.empty() && place.score < known_score) {  // these are of other patients
      known_.clear();
      place = find_place();
    }
    const Texts& identifiers = place.level ? folders_[*place.level] : text_of(place);
    const Core whole = known_.empty() ? core_of(identifiers) : core_of_known(identifiers, known_);
    for (std::size_t level = 0; level < folders_.size(); ++level) {
      if (level > 0) add_literal("/", level - 1);
      if (place.level && (level == *place.level || !add_around(folders_[level], whole, level)))
        level == *place.level ? add_pid(whole, level) : add_varying(folders_[level], level);
      else if (!place.level)
        add_varying(folders_[level], level);
    }
    const std::size_t level = folders_.size();
    if (level > 0) add_literal("/", level - 1);
    if (place.level) {
      if (!add_around(names_, whole, level)) add_name(names_, level);
    } else {
      for (std::size_t i = 0; i < place.first; ++i) add_varying(fields_[i], level);
      add_pid(whole, level);
      for (std::size_t i = place.behind; i < fields_.size(); ++i) add_varying(fields_[i], level);
    }
    return std::move(result_);
  }

 private:
  Texts text_of(const Place& place) const {
    Texts texts(names_.size());
    for (std::size_t i = place.first; i < place.behind; ++i)
      for (std::size_t n = 0; n < names_.size(); ++n) texts[n] += fields_[i][n];
    return texts;
  }

  double score(const Texts& texts, bool is_folder) const {
    if (!known_.empty())
      if (const std::size_t count = count_known(core_of_known(texts, known_).texts, known_))
        return known_score * static_cast<double>(count);
    bool is_repeated = is_folder;
    for (std::size_t n = 0; is_repeated && n < names_.size(); ++n)
      is_repeated = names_[n].find(texts[n]) != std::string::npos;
    return identifier_score(texts, is_repeated);
  }

  Place find_place() const {
    Place best;
    auto consider = [&](Place place, const Texts& texts) {
      place.score = score(texts, place.level.has_value());
      if (place.score > best.score) best = place;
    };
    for (std::size_t level = 0; level < folders_.size(); ++level)
      consider({level, 0, 0, 0}, folders_[level]);
    for (std::size_t first = 0; first < fields_.size(); first += 2) {
      const std::size_t last = known_.empty() ? first + 1 : fields_.size();
      for (std::size_t behind = first + 1; behind <= last; behind += 2) {
        const Place place{{}, first, behind, 0};
        consider(place, text_of(place));
      }
    }
    if (best.score == 0) {  // nothing varies: the folder, else the name
      if (!folders_.empty()) return {folders_.size() - 1, 0, 0, 1};
      return {{}, 0, fields_.size(), 1};
    }
    // `02-0003`: the number before an identifier belongs to it.
    while (known_.empty() && !best.level && best.first >= 2) {
      const Texts& before = fields_[best.first - 2];
      if (distinct(before).size() < 2 || are_dates(distinct(before)) ||
          !std::all_of(before.begin(), before.end(), is_number_text))
        break;
      best.first -= 2;
    }
    return best;
  }

  void add_literal(const std::string& text, std::size_t level) {
    if (!text.empty()) result_.pieces.push_back({Kind::literal, Texts(names_.size(), text), level});
  }

  void add_pid(const Core& whole, std::size_t level) {
    add_literal(whole.prefix, level);
    result_.pieces.push_back({Kind::pid, whole.texts, level});
    add_literal(whole.suffix, level);
  }

  void add_varying(const Texts& texts, std::size_t level) {
    const auto values = distinct(texts);
    if (values.size() == 1) {
      add_literal(*values.begin(), level);
      return;
    }
    Core core = are_dates(values) || are_series(values) ? Core{"", "", texts} : core_of(texts);
    PathPiece piece{Kind::varying, std::move(core.texts), level};
    make_optional(piece);
    add_literal(core.prefix, level);
    result_.pieces.push_back(std::move(piece));
    add_literal(core.suffix, level);
  }

  // Where some paths leave the piece out, all others begin with the same separator.
  static void make_optional(PathPiece& piece) {
    const auto values = piece.values();
    if (std::none_of(piece.texts.begin(), piece.texts.end(),
                     [](const std::string& text) { return text.empty(); }))
      return;
    const char sign = values.begin()->front();
    if (!is_separator(sign) || !std::all_of(values.begin(), values.end(), [&](const auto& value) {
          return value.size() > 1 && value.front() == sign;
        }))
      return;
    piece.optional_sign = sign;
    for (std::string& text : piece.texts)
      if (!text.empty()) text.erase(0, 1);
  }

  void add_name(const Texts& texts, std::size_t level) {
    for (const Texts& field : fields_of(texts)) add_varying(field, level);
  }

  // Adds texts that have the identifier in them, if all do: as a whole, else without what all
  // identifiers have in common.
  bool add_around(const Texts& texts, const Core& core, std::size_t level) {
    if (are_dates(distinct(texts)) || are_series(distinct(texts))) return false;
    for (const bool is_whole : {true, false}) {
      Texts before, behind;
      for (std::size_t n = 0; n < texts.size(); ++n) {
        const std::string pid =
            is_whole ? core.prefix + core.texts[n] + core.suffix : core.texts[n];
        const std::size_t at = find_word(texts[n], pid);
        if (at == std::string::npos) break;
        before.push_back(texts[n].substr(0, at));
        behind.push_back(texts[n].substr(at + pid.size()));
      }
      if (before.size() < texts.size()) continue;
      add_name(before, level);
      if (is_whole)
        add_pid(core, level);
      else
        result_.pieces.push_back({Kind::pid, core.texts, level});
      add_name(behind, level);
      return true;
    }
    return false;
  }

  // Where the identifier is, and not as a piece of a longer number or word.
  static std::size_t find_word(const std::string& text, const std::string& pid) {
    if (pid.empty()) return std::string::npos;
    auto is_inside = [](char a, char b) {
      auto kind = [](char c) { return c >= '0' && c <= '9' ? 1 : is_separator(c) ? 2 : 3; };
      return kind(a) == kind(b) && kind(a) != 2;
    };
    for (std::size_t at = text.find(pid); at != std::string::npos; at = text.find(pid, at + 1)) {
      const std::size_t end = at + pid.size();
      if ((at == 0 || !is_inside(text[at - 1], text[at])) &&
          (end == text.size() || !is_inside(text[end - 1], text[end])))
        return at;
    }
    return std::string::npos;
  }

  std::set<std::string> known_;
  std::vector<Texts> folders_;  // of each level
  Texts names_;
  std::vector<Texts> fields_;  // of the names; every second one is a separator
  CutPaths result_;
};

}  // namespace

std::set<std::string> PathPiece::values() const {
  std::set<std::string> values(texts.begin(), texts.end());
  values.erase("");
  return values;
}

bool are_dates(const std::set<std::string>& values) {
  return !values.empty() && std::all_of(values.begin(), values.end(), is_date);
}

bool are_series(const std::set<std::string>& values) {
  return !values.empty() && std::all_of(values.begin(), values.end(), is_series);
}

std::vector<std::string> CutPaths::pids() const {
  for (const PathPiece& piece : pieces)
    if (piece.kind == Kind::pid) return piece.texts;
  return std::vector<std::string>(paths.size());
}

CutPaths cut_paths(const std::vector<std::string>& paths, const std::set<std::string>& known_pids) {
  const Texts of_depth = of_most(
      paths, [](const std::string& path) { return std::count(path.begin(), path.end(), '/'); }, 0);
  const Texts alike = of_most(
      of_depth,
      [](const std::string& path) { return signature(last_segment(without_image_ending(path))); },
      0.9);
  return Cutter(alike, known_pids).cut();
}

}  // namespace nicohort
