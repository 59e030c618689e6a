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

// How many images have a label that is called as they are, and how many one that is called as
// their case.
struct Labelled {
  std::size_t as_images = 0, as_cases = 0;
};
Labelled labelled_in(const Images& dataset) {
  Labelled counts;
  for (const auto& [subset, names] : dataset.images)
    if (const auto labels = dataset.labels.find(subset); labels != dataset.labels.end())
      for (const std::string& name : names) {
        counts.as_images += labels->second.count(name);
        if (has_channel_number(name)) counts.as_cases += labels->second.count(case_of(name));
      }
  return counts;
}

// Whether each channel of a case has a file. The labels tell; without them, the numbers.
bool has_channel_files(const Images& dataset, const Json& json) {
  const auto [as_images, as_cases] = labelled_in(dataset);
  if (as_images + as_cases > 0) return as_cases > as_images;
  std::set<std::string> cases, with_first;
  for (const auto& [subset, names] : dataset.images)
    for (const std::string& name : names) {
      if (!has_channel_number(name)) return false;
      cases.insert(case_of(name));
      if (name.ends_with("_0000")) with_first.insert(case_of(name));
    }
  return json.contains("channel_names") || (cases.size() > 1 && cases == with_first);
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

struct NamedLabels {
  std::string name;
  std::vector<int> numbers;  // of a region several
};

// {"liver": 1, "organs": [1, 2]} or {"1": "liver"}; nothing if there is no number from 0 to 255.
std::optional<NamedLabels> named_labels(const std::string& key, const Json& value) {
  NamedLabels named{key, {}};
  Json numbers = value.is_array() ? value : Json::array({value});
  if (value.is_string()) {
    const auto number = number_of(key);
    if (!number) return {};
    named.name = value.get<std::string>();
    numbers = Json::array({*number});
  }
  for (const Json& number : numbers) {
    if (!number.is_number_integer() || number < 0 || number > 255) return {};
    named.numbers.push_back(number.get<int>());
  }
  return named.numbers.empty() ? std::nullopt : std::optional(named);
}

void read_labels(const Json& json, Draft& draft) {
  const auto map = json.find("labels");
  if (map == json.end() || !map->is_object()) return;
  std::map<int, std::string> labels;
  std::vector<NamedLabels> regions;
  for (const auto& [key, value] : map->items()) {
    const auto named = named_labels(key, value);
    if (!named)
      draft.comments.push_back(
          fmt::format("The label `{}` of dataset.json has no number from 0 to 255", key));
    else if (named->numbers.size() > 1)
      regions.push_back(*named);
    else if (!labels.emplace(named->numbers.front(), named->name).second)
      draft.comments.push_back(fmt::format("dataset.json has the label {} twice: `{}` was left out",
                                           named->numbers.front(), named->name));
  }
  std::set<int> unnamed;
  for (const NamedLabels& region : regions)
    for (const int label : region.numbers)
      if (label > 0 && labels.emplace(label, fmt::format("label_{}", label)).second)
        unnamed.insert(label);
  if (!unnamed.empty())
    draft.comments.push_back(fmt::format(
        "dataset.json names regions of several labels, which are `groups` here, but not the labels "
        "{}; give them names",
        fmt::join(unnamed, ", ")));
  for (const auto& [name, numbers] : regions) {
    std::vector<std::string> members;
    for (const int label : numbers)
      if (label > 0) members.push_back(labels[label]);
    if (members.size() == numbers.size() && !has_digit(name.substr(0, 1)) &&
        !name.ends_with("existence"))
      draft.groups.emplace_back(name, members);
    else
      draft.comments.push_back(fmt::format(
          "The region `{}` of dataset.json is the labels {}; it cannot be a group as it is", name,
          fmt::join(numbers, ", ")));
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
                  std::set<std::string>& cases) {
  auto names = channel_names(json);
  if (names.size() == 1 && lower_case(names.begin()->second) == "ct") draft.unit = "HU";
  std::set<std::string> numbers;
  const bool has_files = has_channel_files(dataset, json);
  for (const auto& [subset, of_subset] : dataset.images)
    for (const std::string& name : of_subset) {
      if (has_files && !has_channel_number(name)) continue;
      cases.insert(has_files ? case_of(name) : name);
      if (has_files) numbers.insert(name.substr(name.size() - 4));
    }
  if (!has_files) {
    draft.volumes = {{"", folder + "{pid}.nii.gz"}};
    if (names.size() > 1)
      for (const auto& [number, name] : names) draft.channels_in_file.push_back(name);
    return;
  }
  std::set<std::string> taken;
  for (const std::string& number : numbers) {
    const auto known = names.find(*number_of(number));
    std::string name = known == names.end() ? "channel_" + number : known->second;
    if (!taken.insert(name).second) name += "_" + number;
    draft.volumes.emplace_back(numbers.size() == 1 ? "" : name,
                               fmt::format("{}{{pid}}_{}.nii.gz", folder, number));
  }
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
  const auto [as_images, as_cases] = labelled_in(*chosen);
  if (!chosen->labels.empty() && as_images + as_cases == 0) return {};

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
  std::set<std::string> all_cases;
  read_volumes(*chosen, json, folder + "images" + subset + "/", draft, all_cases);
  const std::vector<std::string> cases(all_cases.begin(), all_cases.end());
  if (!chosen->labels.empty()) draft.mask = folder + "labels" + subset + "/{pid}.nii.gz";
  draft.parts.push_back({"pid", {}, expression_for(cases)});
  draft.pid_prefix = common_prefix(cases);
  if (!draft.mask.empty()) read_labels(json, draft);

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
