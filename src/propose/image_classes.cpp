#include "propose/image_classes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "propose/file_names.hpp"
#include "propose/image_look.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// The piece of a name that says that the image is neither volume nor mask; empty: none.
std::string word_of_neither(const std::string& path) {
  const std::string name = last_segment(without_image_ending(path)), lower = lower_case(name);
  if (lower.size() > 2 && lower.ends_with("4d") &&
      std::string_view("_-. ").find(name[name.size() - 3]) != std::string_view::npos)
    return name.substr(name.size() - 3);
  for (const std::string& word : words_of(name))
    if (is_map_word(word) && lower.size() == name.size())
      return name.substr(lower.find(word), word.size());
  return "";
}

bool is_neither(const ArchiveFiles& files, const std::string& word, const std::string& path) {
  if (!is_map_word(lower_case(word))) return true;
  const auto header = look_at_header(files, path);
  return header && (header->type == DataType::float32 || header->type == DataType::float64 ||
                    header->channels > 1);
}

}  // namespace

ImageClasses classes_of(const ArchiveFiles& files, Draft& draft) {
  std::map<std::string, std::vector<std::string>> neither;  // by the word
  std::vector<std::string> images;
  for (const std::string& path : files.images)
    if (const std::string word = word_of_neither(path); !word.empty())
      neither[word].push_back(path);
    else
      images.push_back(path);
  for (const auto& [word, paths] : neither) {
    if (images.empty() || !is_neither(files, word, paths.front())) {
      images.insert(images.end(), paths.begin(), paths.end());
    } else if (is_map_word(lower_case(word))) {
      draft.ignore.push_back(fmt::format("*{}*.nii*", word));
      draft.comments.push_back(
          fmt::format("Images called `{}` are taken for probability maps and not used", word));
    } else {
      draft.ignore.push_back("*" + word + ".nii*");
    }
  }
  std::sort(images.begin(), images.end());
  for (const bool probable : {false, true}) {
    std::vector<std::set<std::string>> words;
    std::map<std::string, std::size_t> counts;
    for (const std::string& path : images) {
      const auto of_path = words_of(without_image_ending(path));
      words.emplace_back(of_path.begin(), of_path.end());
      for (const std::string& word : words.back())
        if (is_mask_word(word, probable)) ++counts[word];
    }
    ImageClasses classes;
    std::set<std::string> telling;
    for (const auto& [word, count] : counts)
      if (count < images.size()) telling.insert(word);
    for (std::size_t i = 0; i < images.size(); ++i) {
      const bool is_mask =
          std::any_of(telling.begin(), telling.end(),
                      [&](const std::string& word) { return words[i].contains(word); });
      (is_mask ? classes.masks : classes.volumes).push_back(images[i]);
    }
    if (!classes.masks.empty() && !classes.volumes.empty()) {
      draft.comments.push_back(
          fmt::format("Taken for masks: images with {} in the path", fmt::join(telling, ", ")));
      return classes;
    }
  }
  draft.comments.push_back(
      "No image is called a mask (mask, seg, label, roi, gt ...), so all are taken for volumes");
  return {images, {}};
}

}  // namespace nicohort
