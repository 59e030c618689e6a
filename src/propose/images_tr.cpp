// nnU-Net raw data and the Medical Segmentation Decathlon.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "propose/file_names.hpp"
#include "propose/json_file.hpp"
#include "propose/layouts.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

// The images in folders `images…` and `labels…` of a dataset's folder.
struct Images {
  std::string folder;  // with a slash behind it; empty: the root
  std::map<std::string, std::set<std::string>> images, labels;  // names by what is behind `images`
  std::size_t count = 0;
};

constexpr std::string_view images_word = "images", labels_word = "labels";

std::map<std::string, Images> datasets_in(const ArchiveFiles& files) {
  std::map<std::string, Images> datasets;
  for (const std::string& path : files.images) {
    const auto segments = segments_of(path);
    if (segments.size() < 2) continue;
    const std::string& folder = segments[segments.size() - 2];
    const std::string above =
        path.substr(0, path.size() - segments.back().size() - folder.size() - 1);
    const std::string name = without_image_ending(segments.back());
    for (const std::string_view word : {images_word, labels_word})
      if (folder.starts_with(word)) {
        Images& dataset = datasets[above];
        dataset.folder = above;
        (word == images_word ? dataset.images : dataset.labels)[folder.substr(word.size())].insert(
            name);
        ++dataset.count;
      }
  }
  std::erase_if(datasets,
                [](const auto& dataset) { return !dataset.second.images.contains("Tr"); });
  return datasets;
}

// `CASE_0001` is channel 0001 of CASE.
bool has_channel_number(const std::string& name) {
  return name.size() > 5 && name[name.size() - 5] == '_' &&
         is_number_text(std::string_view(name).substr(name.size() - 4));
}
std::string case_of(const std::string& name) {
  return name.substr(0, name.size() - 5);
}

// Whether each channel of a case has a file. The labels tell: they are called as the cases are.
bool has_channel_files(const Images& dataset, const Json& json) {
  std::size_t as_images = 0, as_cases = 0, numbered = 0, all = 0;
  for (const auto& [subset, names] : dataset.images) {
    const auto labels = dataset.labels.find(subset);
    for (const std::string& name : names) {
      ++all;
      if (has_channel_number(name)) ++numbered;
      if (labels == dataset.labels.end()) continue;
      if (labels->second.contains(name)) ++as_images;
      if (has_channel_number(name) && labels->second.contains(case_of(name))) ++as_cases;
    }
  }
  if (as_images + as_cases > 0) return as_cases > as_images;
  return json.contains("channel_names") && numbered == all;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// Names of channels by number, of either layout.
std::map<int, std::string> channel_names(const Json& json) {
  std::map<int, std::string> names;
  for (const char* key : {"channel_names", "modality"}) {
    const auto map = json.find(key);
    if (map == json.end() || !map->is_object()) continue;
    for (const auto& [number, name] : map->items())
      if (const auto channel = number_of(number); channel && name.is_string())
        names.emplace(*channel, name.get<std::string>());
    if (!names.empty()) break;
  }
  return names;
}

// A label as it is given, of any size.
std::int64_t label_in(const Json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() > 1000
             ? 1000
             : value.get<std::int64_t>();
}

// `labels` of dataset.json: {"liver": 1, "organs": [1, 2]} or {"1": "liver"}.
void read_labels(const Json& json, Draft& draft) {
  const auto map = json.find("labels");
  if (map == json.end() || !map->is_object()) return;
  std::map<int, std::string> labels;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> regions;
  auto add = [&](std::int64_t label, const std::string& name) {
    if (label < 0 || label > 255)
      draft.comments.push_back(
          fmt::format("The label `{}` in dataset.json has no number from 0 to 255", name));
    else if (!labels.emplace(static_cast<int>(label), name).second)
      draft.comments.push_back(
          fmt::format("dataset.json has the label {} twice: `{}` was left out", label, name));
  };
  for (const auto& [key, value] : map->items()) {
    if (value.is_number_integer()) {
      add(label_in(value), key);
    } else if (value.is_string()) {
      if (const auto label = number_of(key))
        add(*label, value.get<std::string>());
      else
        draft.comments.push_back(fmt::format("The label `{}` of dataset.json has no number", key));
    } else if (value.is_array()) {
      std::vector<std::int64_t> region;
      for (const Json& label : value)
        if (label.is_number_integer()) region.push_back(label_in(label));
      if (region.size() == 1)
        add(region.front(), key);
      else if (!region.empty() && region.size() == value.size())
        regions.emplace_back(key, region);
    } else {
      draft.comments.push_back(fmt::format("The label `{}` of dataset.json has no number", key));
    }
  }
  std::vector<std::int64_t> unnamed;
  for (const auto& [name, region] : regions)
    for (const std::int64_t label : region)
      if (label > 0 && label <= 255 &&
          labels.emplace(static_cast<int>(label), fmt::format("label_{}", label)).second)
        unnamed.push_back(label);
  if (!unnamed.empty())
    draft.comments.push_back(fmt::format(
        "dataset.json names regions of several labels, which are `groups` here, but not the labels "
        "{}; give them names",
        fmt::join(unnamed, ", ")));
  for (const auto& [name, region] : regions) {
    std::vector<std::string> of_group;
    for (const std::int64_t label : region)
      if (label > 0 && label <= 255 && labels.contains(static_cast<int>(label)))
        of_group.push_back(labels[static_cast<int>(label)]);
    if (of_group.size() == region.size() && !has_digit(name.substr(0, 1)) &&
        !name.ends_with("existence"))
      draft.groups.emplace_back(name, of_group);
    else
      draft.comments.push_back(
          fmt::format("The region `{}` of dataset.json is the labels {}; it "
                      "cannot be a group as it is",
                      name, fmt::join(region, ", ")));
  }
  draft.labels.assign(labels.begin(), labels.end());
}

// The part `subset`, and what stands for it in a pattern.
std::string subset_in_pattern(const Images& dataset, Draft& draft) {
  if (dataset.images.size() == 1) return pattern_literal(dataset.images.begin()->first);
  Part part{"subset", {}};
  for (const auto& [suffix, names] : dataset.images) {
    const std::string meant = subset_meant(suffix).value_or(suffix.empty() ? "other" : suffix);
    part.values.emplace_back(part.has_value(meant) ? suffix : meant, suffix);
  }
  sort_subsets(part.values);
  draft.parts.push_back(std::move(part));
  draft.splits.push_back({"standard", "subset", {}, {}});
  return "{subset_dir}";
}

void read_volumes(const Images& dataset, const Json& json, const std::string& folder, Draft& draft,
                  std::vector<std::string>& cases) {
  auto names = channel_names(json);
  if (names.size() == 1 && lower_case(names.begin()->second) == "ct") draft.unit = "HU";
  std::set<std::string> all_cases;
  if (!has_channel_files(dataset, json)) {
    for (const auto& [subset, of_subset] : dataset.images)
      all_cases.insert(of_subset.begin(), of_subset.end());
    draft.volumes = {{"", folder + "{pid}.nii.gz"}};
    if (names.size() > 1)
      for (const auto& [number, name] : names) draft.channels_in_file.push_back(name);
    cases.assign(all_cases.begin(), all_cases.end());
    return;
  }
  std::set<std::string> numbers;
  for (const auto& [subset, of_subset] : dataset.images)
    for (const std::string& name : of_subset)
      if (has_channel_number(name)) {
        numbers.insert(name.substr(name.size() - 4));
        all_cases.insert(case_of(name));
      }
  for (const std::string& number : numbers) {
    const int channel = *number_of(number);
    const std::string name =
        names.contains(channel) ? names[channel] : fmt::format("channel_{}", number);
    draft.volumes.emplace_back(name, fmt::format("{}{{pid}}_{}.nii.gz", folder, number));
  }
  for (std::size_t i = 0; i < draft.volumes.size(); ++i) {
    std::string& name = draft.volumes[i].first;
    const bool is_twice = std::any_of(draft.volumes.begin(), draft.volumes.begin() + i,
                                      [&](const auto& other) { return other.first == name; });
    if (is_twice) name += "_" + *std::next(numbers.begin(), i);
  }
  if (draft.volumes.size() == 1) draft.volumes.front().first.clear();
  cases.assign(all_cases.begin(), all_cases.end());
}

}  // namespace

std::optional<Draft> propose_images_tr(const ArchiveFiles& files) {
  const auto datasets = datasets_in(files);
  if (datasets.empty()) return {};
  auto has_json = [&](const Images& dataset) {
    std::error_code error;
    return std::filesystem::is_regular_file(files.root / dataset.folder / "dataset.json", error);
  };
  const Images* chosen = nullptr;
  for (const auto& [folder, dataset] : datasets)
    if (!chosen ||
        std::pair(has_json(dataset), dataset.count) > std::pair(has_json(*chosen), chosen->count))
      chosen = &dataset;
  if (datasets.size() > 1 && !has_json(*chosen)) return {};

  Draft draft;
  std::string fault;
  Json json = read_json_file(files.root / chosen->folder / "dataset.json", fault);
  if (!fault.empty() || (!json.is_null() && !json.is_object())) {
    draft.comments.push_back(
        fmt::format("{}dataset.json {}, and was not used", chosen->folder,
                    fault.empty() ? "is not an object with names of labels and channels" : fault));
    json = nullptr;
  }
  if (json.is_null()) json = Json::object();
  const bool is_nnunet = has_channel_files(*chosen, json);
  draft.layout = is_nnunet ? "nnU-Net raw data"
                           : "data as in the Medical Segmentation Decathlon (imagesTr, labelsTr)";
  draft.is_certain = has_json(*chosen);
  const auto name = json.find("name");
  if (name != json.end() && name->is_string())
    draft.name = name->get<std::string>();
  else
    draft.name = last_segment(
        chosen->folder.substr(0, chosen->folder.size() - (chosen->folder.empty() ? 0 : 1)));

  const std::string folder = pattern_literal(chosen->folder);
  const std::string subset = subset_in_pattern(*chosen, draft);
  std::vector<std::string> cases;
  read_volumes(*chosen, json, folder + "images" + subset + "/", draft, cases);
  if (!chosen->labels.empty()) draft.mask = folder + "labels" + subset + "/{pid}.nii.gz";
  draft.parts.push_back({"pid", {}, expression_for(cases)});
  draft.pid_prefix = common_prefix(cases);
  if (!draft.mask.empty()) read_labels(json, draft);

  if (!is_nnunet && json.empty())
    draft.comments.push_back(
        "If the images are 4-D, write volume: {file: ..., channels: [names in their order]}");
  if (json.contains("dataset"))
    draft.comments.push_back(
        "dataset.json names files elsewhere (`dataset`), which was not looked at");
  for (const auto& [above, dataset] : datasets)
    if (&dataset != chosen)
      draft.comments.push_back(fmt::format(
          "Another dataset is in {}; it needs a recipe of its own: name its folder", above));
  return draft;
}

}  // namespace nicohort
