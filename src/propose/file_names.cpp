#include "propose/file_names.hpp"

#include <algorithm>
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

bool is_word_sign(char c) {
  return is_letter(c) || is_digit(c);
}

// Whether a word or number ends between these two.
bool is_boundary(char before, char after) {
  if (is_digit(before)) return !is_digit(after);
  if (is_letter(before)) return !is_letter(after) || (is_lower(before) && is_upper(after));
  return true;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// A set of the characters that the texts have; any but `/` where it would be hard to read.
std::string set_of_characters(const std::vector<std::string>& texts) {
  bool has_upper = false, has_lower = false, has_digits = false;
  std::set<char> others;
  for (const std::string& text : texts)
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= 0x7f || static_cast<unsigned char>(c) < 0x20)
        return "[^/]";
      has_upper |= is_upper(c);
      has_lower |= is_lower(c);
      has_digits |= is_digit(c);
      if (!is_letter(c) && !is_digit(c)) others.insert(c);
    }
  std::string set =
      std::string(has_upper ? "A-Z" : "") + (has_lower ? "a-z" : "") + (has_digits ? "0-9" : "");
  for (const char c : others) {
    if (c == '\\' || c == ']' || c == '[' || c == '^' || c == '-') set += '\\';
    set += c;
  }
  return "[" + set + "]";
}

// Whether the word is in a list of them with blanks between.
bool is_one_of(const std::string& word, std::string_view words) {
  return !word.empty() &&
         (" " + std::string(words) + " ").find(" " + word + " ") != std::string::npos;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool goes_on = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_word_sign(text[i])) {
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

std::string word_at_end(const std::string& text) {
  const auto end = std::find_if_not(text.rbegin(), text.rend(), is_word_sign);
  return text.substr(text.rend() - end);
}

std::string word_at_begin(const std::string& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_word_sign);
  return text.substr(0, end - text.begin());
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
  const std::string prefix = common_prefix(texts);
  std::vector<std::string> rests;
  bool has_size = true, has_zero = false;
  for (const std::string& text : texts) {
    rests.push_back(text.substr(prefix.size()));
    has_size &= rests.back().size() == rests.front().size();
    has_zero |= rests.back().starts_with('0');
  }
  const std::string set = set_of_characters(rests);
  if (set == "[]" || set_of_characters({prefix}) == "[^/]") return "[^/]+";
  const std::size_t size = rests.front().size();
  const bool keeps_size = has_size && set != "[^/]" && (size > 2 || (size > 1 && has_zero));
  return escaped(prefix) + set + (keeps_size ? "{" + std::to_string(size) + "}" : "+");
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
  if (is_one_of(word, "tr train training trainset imagestr")) return "train";
  if (is_one_of(word, "va vd val valid validation dev")) return "val";
  if (is_one_of(word, "ts test testing testset")) return "test";
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
  return is_one_of(word,
                   "mask masks msk seg segs segm segmentation segmentations segmented label labels "
                   "lbl labelmap labelmaps roi rois gt gts groundtruth annotation annotations "
                   "dseg") ||
         is_prediction_word(word) ||
         (probable &&
          is_one_of(word,
                    "lesion lesions tumor tumour tumors tumours manual contour contours "
                    "delineation delineations truth gtv structure structures targets lab labs "
                    "annot"));
}

bool is_prediction_word(const std::string& word) {
  return is_one_of(word, "pred preds predicted prediction predictions auto");
}

bool is_map_word(const std::string& word) {
  return is_one_of(word, "prob probs probability probabilities softmax logits heatmap uncertainty");
}

bool is_reader_word(const std::string& word) {
  return is_one_of(word, "reader rater observer obs annotator expert radiologist rad doctor user");
}

bool is_channel_word(const std::string& word) {
  return is_one_of(word,
                   "t t1 t2 t1w t2w t1c t1ce t1n t1gd t2f t2star flair dwi adc dce swi pd pdw ct "
                   "cbct pt pet suv water fat inphase outphase mra tof hbv mr mri");
}

bool is_modality_word(const std::string& word) {
  return is_one_of(word, "ct cbct pet pt mr mri");
}

bool is_phase_word(const std::string& word) {
  return is_one_of(word,
                   "pre post baseline followup follow fu week weeks month months day days year "
                   "visit ses session phase arterial venous portal delayed delay late early native "
                   "ed es frame time timepoint tp scan run echo before after rest stress "
                   "inspiration expiration insp exp surgery therapy acute chronic");
}

bool is_patient_word(const std::string& word) {
  return is_one_of(word, "patient pat pt case sub subject subj pid id p");
}

bool is_site_word(const std::string& word) {
  return is_one_of(word, "site sites center centre hospital hospitals clinic vendor batch cohort");
}

}  // namespace nicohort
