#include "propose/image_classes.hpp"

#include <algorithm>
#include <map>

#include "propose/file_names.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// Those that are not called 4d, if there are any.
std::vector<std::string> without_4d(const std::vector<std::string>& all,
                                    std::vector<std::string>& ignored) {
  std::vector<std::string> images;
  std::set<std::string> endings;
  for (const std::string& path : all) {
    const std::string name = last_segment(without_image_ending(path));
    const bool is_4d =
        lower_case(name).ends_with("4d") && name.size() > 2 &&
        std::string_view("_-. ").find(name[name.size() - 3]) != std::string_view::npos;
    if (is_4d)
      endings.insert(name.substr(name.size() - 3));
    else
      images.push_back(path);
  }
  if (images.empty()) return all;
  for (const std::string& ending : endings) ignored.push_back("*" + ending + ".nii*");
  return images;
}

}  // namespace

ImageClasses classes_of(const std::vector<std::string>& all) {
  std::vector<std::string> ignored;
  const std::vector<std::string> images = without_4d(all, ignored);
  for (const bool probable : {false, true}) {
    std::vector<std::set<std::string>> words;
    std::map<std::string, std::size_t> counts;
    for (const std::string& path : images) {
      const auto of_path = words_of(without_image_ending(path));
      words.emplace_back(of_path.begin(), of_path.end());
      for (const std::string& word : words.back())
        if (is_mask_word(word, probable)) ++counts[word];
    }
    // A word in the name of every image is that of the archive.
    ImageClasses classes;
    classes.ignored = ignored;
    for (const auto& [word, count] : counts)
      if (count < images.size()) classes.words.insert(word);
    for (std::size_t i = 0; i < images.size(); ++i) {
      const bool is_mask =
          std::any_of(classes.words.begin(), classes.words.end(),
                      [&](const std::string& word) { return words[i].contains(word); });
      (is_mask ? classes.masks : classes.volumes).push_back(images[i]);
    }
    if (!classes.masks.empty() && !classes.volumes.empty()) return classes;
  }
  return {images, {}, {}, ignored};
}

}  // namespace nicohort
