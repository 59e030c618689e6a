#include "propose/file_names.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "recipe/parts.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
  return is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80;
}

// Whether a word or number ends between these two.
bool is_boundary(char before, char after) {
  if (is_digit(before)) return !is_digit(after);
  if (is_letter(before)) return !is_letter(after) || (is_lower(before) && is_upper(after));
  return true;
}

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Letters of one case, digits, or one other character.
struct Stretch {
  char kind = 0;  // A, a, 0, or the character
  std::string text;
};

std::vector<Stretch> stretches_of(const std::string& text) {
  std::vector<Stretch> stretches;
  for (const char c : text) {
    const char kind = is_digit(c) ? '0' : is_upper(c) ? 'A' : is_lower(c) ? 'a' : c;
    const bool goes_on = !stretches.empty() && stretches.back().kind == kind &&
                         (is_digit(c) || is_upper(c) || is_lower(c));
    if (!goes_on) stretches.push_back({kind, ""});
    stretches.back().text += c;
  }
  return stretches;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// The expression of stretches of one kind that stand at the same place.
std::string expression_of_stretches(const std::vector<std::string>& texts) {
  const char first = texts.front().front();
  const bool is_same = std::all_of(texts.begin(), texts.end(),
                                   [&](const std::string& text) { return text == texts.front(); });
  // A number that two files have in common need not be that of the others.
  if (is_same && (!is_digit(first) || texts.size() > 2)) return escaped(texts.front());
  const std::size_t size = texts.front().size();
  const bool has_size = std::all_of(texts.begin(), texts.end(),
                                    [&](const std::string& text) { return text.size() == size; });
  const bool has_zero = std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return text.size() > 1 && text.front() == '0';
  });
  const bool keeps_size = has_size && size > 1 && (!is_digit(first) || has_zero || size > 2);
  const std::string set = is_digit(first) ? "[0-9]" : is_upper(first) ? "[A-Z]" : "[a-z]";
  return set + (keeps_size ? "{" + std::to_string(size) + "}" : "+");
}

// One or more of the characters that the texts have.
std::string expression_of_characters(const std::vector<std::string>& texts) {
  bool has_upper = false, has_lower = false, has_digits = false;
  std::set<char> others;
  for (const std::string& text : texts)
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= 0x80) return "[^/]+";
      has_upper |= is_upper(c);
      has_lower |= is_lower(c);
      has_digits |= is_digit(c);
      if (!is_letter(c) && !is_digit(c)) others.insert(c);
    }
  std::string set =
      std::string(has_upper ? "A-Z" : "") + (has_lower ? "a-z" : "") + (has_digits ? "0-9" : "");
  for (const char c : others) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "[^/]+";
    if (c == '\\' || c == ']' || c == '[' || c == '^' || c == '-') set += '\\';
    set += c;
  }
  return "[" + set + "]+";
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool goes_on = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_letter(text[i]) && !is_digit(text[i])) {
      goes_on = false;
      continue;
    }
    if (!goes_on || is_boundary(text[i - 1], text[i])) words.emplace_back();
    words.back() += text[i];
    goes_on = true;
  }
  for (std::string& word : words) word = lower_case(word);
  return words;
}

std::string without_image_ending(const std::string& path) {
  const std::string lower = lower_case(path);
  for (const std::string_view ending : {".nii.gz", ".nii"})
    if (lower.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  return path;
}

std::vector<std::string> segments_of(const std::string& path) {
  std::vector<std::string> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

std::string last_segment(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string expression_for(const std::vector<std::string>& texts) {
  std::vector<std::vector<std::string>> places;  // the stretches of each place
  std::string kinds;
  for (const std::string& text : texts) {
    const std::vector<Stretch> stretches = stretches_of(text);
    std::string own;
    for (const Stretch& stretch : stretches) own += stretch.kind;
    if (places.empty()) {
      kinds = own;
      places.resize(stretches.size());
    }
    if (own != kinds || stretches.empty()) return expression_of_characters(texts);
    for (std::size_t i = 0; i < stretches.size(); ++i) places[i].push_back(stretches[i].text);
  }
  const bool is_ascii = std::all_of(kinds.begin(), kinds.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x7f && static_cast<unsigned char>(c) >= 0x20;
  });
  if (places.empty() || !is_ascii) return "[^/]+";
  std::string expression;
  for (const auto& stretches : places) expression += expression_of_stretches(stretches);
  return expression;
}

std::string common_prefix(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  const std::string& first = texts.front();
  std::size_t size = first.empty() ? 0 : first.size() - 1;
  for (const std::string& text : texts) {
    size = std::min(size, text.empty() ? 0 : text.size() - 1);
    size = std::mismatch(first.begin(), first.begin() + size, text.begin()).first - first.begin();
  }
  auto is_clear = [&](const std::string& text) { return is_boundary(text[size - 1], text[size]); };
  while (size > 0 && !std::all_of(texts.begin(), texts.end(), is_clear)) --size;
  return first.substr(0, size);
}

std::string common_suffix(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  const std::string& first = texts.front();
  std::size_t size = first.empty() ? 0 : first.size() - 1;
  for (const std::string& text : texts) {
    size = std::min(size, text.empty() ? 0 : text.size() - 1);
    size =
        std::mismatch(first.rbegin(), first.rbegin() + size, text.rbegin()).first - first.rbegin();
  }
  auto is_clear = [&](const std::string& text) {
    const std::size_t at = text.size() - size;
    return is_boundary(text[at - 1], text[at]);
  };
  while (size > 0 && !std::all_of(texts.begin(), texts.end(), is_clear)) --size;
  return first.substr(first.size() - size);
}

std::string pattern_literal(const std::string& text) {
  constexpr const char* marks = "{}[]";
  const std::size_t first = text.find_first_of(marks);
  if (first == std::string::npos) return text;
  const std::size_t last = text.find_last_of(marks);
  return text.substr(0, first) + "{any}" + text.substr(last + 1);
}

std::optional<std::string> subset_meant(std::string_view text) {
  const std::string word = lower_case(text);
  constexpr std::array<std::string_view, 5> train{"tr", "train", "training", "trainset",
                                                  "imagestr"};
  constexpr std::array<std::string_view, 6> val{"va", "vd", "val", "valid", "validation", "dev"};
  constexpr std::array<std::string_view, 4> test{"ts", "test", "testing", "testset"};
  if (is_one_of(word, train)) return "train";
  if (is_one_of(word, val)) return "val";
  if (is_one_of(word, test)) return "test";
  return {};
}

void sort_subsets(std::vector<std::pair<std::string, std::string>>& values) {
  auto rank = [](const auto& value) {
    return value.first == "train" ? 0 : value.first == "val" ? 1 : value.first == "test" ? 2 : 3;
  };
  std::stable_sort(values.begin(), values.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit);
}

bool is_number_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_mask_word(const std::string& word, bool probable) {
  constexpr std::array<std::string_view, 22> clear{
      "mask",          "masks",      "msk",         "seg",  "segs", "segm",      "segmentation",
      "segmentations", "label",      "labels",      "lbl",  "roi",  "rois",      "gt",
      "groundtruth",   "annotation", "annotations", "dseg", "gts",  "segmented", "labelmap",
      "labelmaps"};
  constexpr std::array<std::string_view, 16> less{
      "lesion", "lesions",   "tumor",      "tumour",      "tumors",       "tumours",
      "manual", "contour",   "contours",   "delineation", "delineations", "truth",
      "gtv",    "structure", "structures", "targets"};
  return is_one_of(word, clear) || (probable && is_one_of(word, less));
}

bool is_channel_word(const std::string& word) {
  constexpr std::array<std::string_view, 32> words{
      "t",     "t1",  "t2",  "t1w", "t2w", "t1c",     "t1ce",     "t1n",  "t2f", "t2star", "flair",
      "dwi",   "adc", "dce", "swi", "pd",  "pdw",     "ct",       "pt",   "pet", "suv",    "t1gd",
      "water", "fat", "mra", "tof", "hbv", "inphase", "outphase", "cbct", "mr",  "mri"};
  return is_one_of(word, words);
}

bool is_phase_word(const std::string& word) {
  constexpr std::array<std::string_view, 46> words{
      "pre",         "post",       "baseline", "followup", "follow",  "week",      "weeks",
      "month",       "months",     "day",      "days",     "year",    "visit",     "ses",
      "session",     "phase",      "arterial", "venous",   "portal",  "delayed",   "delay",
      "native",      "ed",         "es",       "frame",    "time",    "timepoint", "tp",
      "scan",        "run",        "echo",     "before",   "after",   "rest",      "stress",
      "inspiration", "expiration", "insp",     "exp",      "surgery", "therapy",   "fu",
      "late",        "early",      "acute",    "chronic"};
  return is_one_of(word, words);
}

bool is_patient_word(const std::string& word) {
  constexpr std::array<std::string_view, 10> words{"patient", "pat",  "pt",  "case", "sub",
                                                   "subject", "subj", "pid", "id",   "p"};
  return is_one_of(word, words);
}

bool is_site_word(const std::string& word) {
  constexpr std::array<std::string_view, 8> words{"site",     "sites",     "center", "centre",
                                                  "hospital", "hospitals", "clinic", "vendor"};
  return is_one_of(word, words);
}

}  // namespace nicohort
