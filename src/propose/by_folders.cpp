// Archives of several folders, such as hospitals, that have a layout each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/near_miss.hpp"
#include "propose/draft_matches.hpp"
#include "propose/file_names.hpp"
#include "propose/layouts.hpp"

namespace nicohort {
namespace {

constexpr std::size_t most_folders = 10;  // more are patients
constexpr std::string_view pid_placeholder = "{pid}", image_ending = ".nii.gz";

// The folders that all images lie in, with a slash behind each.
std::string folders_of_all(const std::vector<std::string>& images) {
  const std::string &first = images.front(), &last = images.back();  // they are sorted
  const auto end = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  const std::string common(first.begin(), end);
  return common.substr(0, common.rfind('/') + 1);
}

struct FolderLayout {
  std::string folder;  // its name
  Draft draft;
  Matches matches;
};

// Of each folder directly below `above`; none unless all have one, with volumes and masks: folders
// of volumes alone and of masks alone are of one layout.
std::vector<FolderLayout> layouts_of_folders(const ArchiveFiles& files, const std::string& above) {
  std::map<std::string, std::vector<std::string>> folders;
  for (const std::string& path : files.images) {
    const std::size_t end = path.find('/', above.size());
    if (end == std::string::npos) return {};
    folders[path.substr(above.size(), end - above.size())].push_back(path);
  }
  std::vector<FolderLayout> layouts;
  if (folders.size() < 2 || folders.size() > most_folders) return layouts;
  for (auto& [folder, images] : folders) {
    auto draft = propose_by_names({files.root, images});
    auto matches = draft ? try_draft(*draft, images) : std::nullopt;
    if (!matches || matches->masks_of_volumes.empty()) return {};
    layouts.push_back({folder, std::move(*draft), std::move(*matches)});
  }
  return layouts;
}

// Whether {pid} alone varies in its patterns, and they begin with its folder.
bool is_simple(const FolderLayout& layout, const std::string& above) {
  const Draft& draft = layout.draft;
  const std::string folder = above + layout.folder + "/";
  return draft.volumes.size() == 1 && draft.parts.size() == 1 && draft.ignore.empty() &&
         !draft.has_label_files && draft.volumes.front().second.starts_with(folder) &&
         draft.mask.starts_with(folder);
}

// `{site_dir}/[images/]{pid}[/ct][_CT].nii.gz`, of `A/{pid}/ct.nii.gz` and
// `B/images/{pid}_CT.nii.gz`. patterns: without what is before and in {site_dir}.
std::string joined_pattern(const std::string& above, const std::vector<std::string>& patterns) {
  std::vector<std::string> before, behind;
  for (const std::string& pattern : patterns) {
    const std::size_t at = pattern.find(pid_placeholder), end = at + pid_placeholder.size();
    before.push_back(pattern.substr(0, at));
    behind.push_back(pattern.substr(end, pattern.size() - end - image_ending.size()));
  }
  const auto joined = [](const std::vector<std::string>& texts) {
    if (std::count(texts.begin(), texts.end(), texts.front()) == std::ptrdiff_t(texts.size()))
      return texts.front();
    std::string pieces;
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (!texts[i].empty() && std::find(texts.begin(), texts.begin() + std::ptrdiff_t(i),
                                         texts[i]) == texts.begin() + std::ptrdiff_t(i))
        pieces += "[" + texts[i] + "]";
    return pieces;
  };
  return fmt::format("{}{{site_dir}}/{}{}{}{}", above, joined(before), pid_placeholder,
                     joined(behind), image_ending);
}

// One draft for all of them, if their patterns are simple.
std::optional<Draft> joined_draft(const std::vector<FolderLayout>& layouts,
                                  const std::string& above) {
  Draft joined;
  Part site{"site", {}};
  std::vector<std::string> volumes, masks, pids, folders;
  bool is_ct = true;
  for (const FolderLayout& layout : layouts) {
    if (!is_simple(layout, above)) return {};
    const Draft& draft = layout.draft;
    const std::size_t size = above.size() + layout.folder.size() + 1;
    volumes.push_back(draft.volumes.front().second.substr(size));
    masks.push_back(draft.mask.substr(size));
    for (const auto& [values, keys] : layout.matches.samples) pids.push_back(values.front());
    folders.push_back(layout.folder);
    site.values.emplace_back(layout.folder, layout.folder);
    is_ct &= draft.unit == "HU";
    for (const std::string& comment : draft.comments)
      joined.comments.push_back(fmt::format("{}: {}", layout.folder, comment));
  }
  joined.layout = "folders of a layout each, by the names of their files";
  joined.volumes = {{"", joined_pattern(above, volumes)}};
  joined.mask = joined_pattern(above, masks);
  joined.parts = {std::move(site), {"pid", {}, expression_for(pids)}};
  if (is_ct) joined.unit = "HU";
  joined.comments.push_back(fmt::format(
      "The folders {} have layouts of their own, which optional pieces in brackets join in one "
      "pattern. If the values of their masks mean different things, make a recipe and a dataset "
      "for each",
      fmt::join(folders, ", ")));
  return joined;
}

}  // namespace

std::optional<Draft> propose_by_folders(const ArchiveFiles& files) {
  const std::string above = folders_of_all(files.images);
  auto layouts = layouts_of_folders(files, above);
  if (layouts.empty()) return {};
  if (auto joined = joined_draft(layouts, above))
    if (const auto matches = try_draft(*joined, files.images);
        matches && matches->in_place() == files.images.size())
      return joined;
  const auto largest = std::max_element(layouts.begin(), layouts.end(),
                                        [](const FolderLayout& a, const FolderLayout& b) {
                                          return a.matches.in_place() < b.matches.in_place();
                                        });
  return std::move(largest->draft);
}

}  // namespace nicohort
