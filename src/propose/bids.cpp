// The Brain Imaging Data Structure.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/near_miss.hpp"
#include "propose/file_names.hpp"
#include "propose/image_look.hpp"
#include "propose/json_file.hpp"
#include "propose/layouts.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

// sub-01/ses-02/anat/sub-01_ses-02_acq-hi_T1w, below a folder.
struct BidsImage {
  std::string above;             // with a slash behind it; empty: none
  std::string subject, session;  // session: empty: none
  std::string folders;           // `anat/`
  std::string entities;          // `acq-hi_T1w`
  std::string suffix;            // `T1w`
  std::string path;
};

std::optional<BidsImage> bids_image(const std::string& path) {
  const auto segments = segments_of(path);
  BidsImage image;
  std::size_t at = 0;
  while (at + 1 < segments.size() && !segments[at].starts_with("sub-"))
    image.above += segments[at++] + "/";
  if (at + 1 >= segments.size()) return {};
  image.subject = segments[at].substr(4);
  if (++at + 1 < segments.size() && segments[at].starts_with("ses-"))
    image.session = segments[at++].substr(4);
  while (at + 1 < segments.size()) image.folders += segments[at++] + "/";
  std::string name = without_image_ending(segments[at]);
  const std::string begin =
      "sub-" + image.subject + (image.session.empty() ? "" : "_ses-" + image.session) + "_";
  if (!name.starts_with(begin) || image.subject.empty()) return {};
  image.entities = name.substr(begin.size());
  image.suffix = image.entities.substr(image.entities.rfind('_') + 1);
  image.path = path;
  return image;
}

bool is_mask(const BidsImage& image) {
  return is_among(image.suffix, {"dseg", "mask", "seg", "msk", "roi", "label"});
}

// The images of one kind: in the same folders, with the same entities.
struct ImageKind {
  std::string above, folders, entities, suffix;
  std::map<std::pair<std::string, std::string>, std::string> paths;  // by subject and session
};
using ImageKinds = std::map<std::string, ImageKind>;

void add_to(ImageKinds& kinds, const BidsImage& image) {
  ImageKind& kind = kinds[image.above + "\n" + image.folders + image.entities];
  kind.above = image.above;
  kind.folders = image.folders;
  kind.entities = image.entities;
  kind.suffix = image.suffix;
  kind.paths.emplace(std::pair(image.subject, image.session), image.path);
}

// `label-lesion` of an entity; empty: it has none.
std::string label_of(const std::string& entities) {
  const std::size_t at = entities.find("label-");
  if (at == std::string::npos) return "";
  return entities.substr(at + 6, entities.find('_', at) - at - 6);
}

// The labels of a dseg, from the table beside the masks or in a folder above.
std::vector<std::pair<int, std::string>> labels_in_table(const ArchiveFiles& files,
                                                         const std::string& above) {
  namespace fs = std::filesystem;
  for (const std::string& folder : {above, std::string()}) {
    std::error_code error;
    std::vector<fs::path> tables;
    for (fs::directory_iterator entry(files.root / folder, error), end; !error && entry != end;
         entry.increment(error))
      if (entry->path().filename().string().ends_with("dseg.tsv")) tables.push_back(entry->path());
    std::sort(tables.begin(), tables.end());
    for (const fs::path& path : tables) try {
        const Table table = read_table(path);
        const auto index = table.find("index"), name = table.find("name");
        if (!index || !name) continue;
        std::map<int, std::string> labels;
        for (const auto& row : table.rows)
          if (const double* number = std::get_if<double>(&row[*index]);
              number && *number >= 0 && *number <= 255 && *number == static_cast<int>(*number))
            labels.emplace(static_cast<int>(*number), to_text(row[*name]));
        if (!labels.empty()) {
          labels.emplace(0, "background");
          return {labels.begin(), labels.end()};
        }
      } catch (const std::runtime_error&) {  // then the labels are not known
      }
  }
  return {};
}

void read_labels(const ArchiveFiles& files, const ImageKind& mask, Draft& draft) {
  const std::string label = label_of(mask.entities);
  draft.labels = labels_in_table(files, mask.above);
  if (!draft.labels.empty()) return;
  if (mask.suffix == "mask" || mask.suffix == "roi")
    draft.labels = {{0, "background"}, {1, label.empty() ? "mask" : label}};
  else if (!label.empty())
    draft.comments.push_back(
        fmt::format("The file names say of the masks: label-{}; a *_dseg.tsv with columns `index` "
                    "and `name` would say more",
                    label));
}

std::string of_most(const std::map<std::string, std::size_t>& counts) {
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// Whether the first images that a sample has of both are on one grid.
bool share_grid(const ArchiveFiles& files, const ImageKind& a, const ImageKind& b) {
  for (const auto& [sample, path] : a.paths)
    if (const auto other = b.paths.find(sample); other != b.paths.end())
      return are_on_one_grid(files, {path, other->second});
  return true;
}

// Kinds of volumes that are channels: those that most samples have, on the grid of the mask.
std::vector<const ImageKind*> channels_of(const ArchiveFiles& files, const ImageKinds& volumes,
                                          const ImageKind* mask, std::size_t samples,
                                          Draft& draft) {
  const bool has_anat = std::any_of(volumes.begin(), volumes.end(), [](const auto& kind) {
    return kind.second.folders == "anat/";
  });
  std::vector<const ImageKind*> channels, usual;
  std::vector<std::string> others;
  std::size_t most = 0;
  for (const auto& [key, kind] : volumes)
    if (!has_anat || kind.folders == "anat/") most = std::max(most, kind.paths.size());
  for (const auto& [key, kind] : volumes)
    if (kind.paths.size() * 2 >= most && (!has_anat || kind.folders == "anat/"))
      usual.push_back(&kind);
    else
      others.push_back(kind.folders + kind.entities);
  // T1w is usually the image that masks were drawn on.
  std::stable_partition(usual.begin(), usual.end(), [](const ImageKind* kind) {
    return kind->suffix == "T1w" || kind->suffix == "ct";
  });
  const bool has_grid = mask && std::any_of(usual.begin(), usual.end(), [&](const auto* kind) {
                          return share_grid(files, *kind, *mask);
                        });
  for (const ImageKind* kind : usual) {
    const ImageKind* first = has_grid ? mask : channels.empty() ? kind : channels.front();
    if (!share_grid(files, *kind, *first)) {
      others.push_back(fmt::format("{}{} (on another grid than {}{})", kind->folders,
                                   kind->entities, first->folders, first->entities));
      continue;
    }
    channels.push_back(kind);
    if (kind->paths.size() < samples)
      draft.comments.push_back(
          fmt::format("{} of {} samples have {}{}; without all channels a sample is reported",
                      kind->paths.size(), samples, kind->folders, kind->entities));
  }
  const std::size_t shown = std::min<std::size_t>(others.size(), 8);
  if (shown > 0)
    draft.comments.push_back(
        fmt::format("Not used: {}{}", fmt::join(others.begin(), others.begin() + shown, ", "),
                    shown < others.size() ? fmt::format(", {} more", others.size() - shown) : ""));
  return channels;
}

}  // namespace

std::optional<Draft> propose_bids(const ArchiveFiles& files) {
  std::vector<BidsImage> raw, derived;
  std::map<std::string, std::size_t> folders;
  for (const std::string& path : files.images)
    if (auto image = bids_image(path)) {
      const bool is_derived = is_among("derivatives", segments_of(image->above));
      if (!is_derived && !is_mask(*image)) ++folders[image->above];
      (is_derived ? derived : raw).push_back(std::move(*image));
    }
  if (folders.empty() || (raw.size() + derived.size()) * 2 < files.images.size()) return {};
  const std::string root = of_most(folders);

  Draft draft;
  draft.layout = "BIDS";
  ImageKinds volumes, masks;
  std::set<std::pair<std::string, std::string>> samples;
  bool has_session = false, has_none = false;
  for (const BidsImage& image : raw) {
    if (image.above != root) continue;
    add_to(is_mask(image) ? masks : volumes, image);
    if (!is_mask(image)) samples.emplace(image.subject, image.session);
    (image.session.empty() ? has_none : has_session) = true;
  }
  for (const BidsImage& image : derived)
    if (is_mask(image) && image.above.starts_with(root)) add_to(masks, image);

  const std::string folder = std::string("sub-{pid}") + (!has_session ? ""
                                                         : has_none   ? "[/ses-{ses}]"
                                                                      : "/ses-{ses}");
  const std::string name = std::string("sub-{pid}") + (!has_session ? ""
                                                       : has_none   ? "[_ses-{ses}]"
                                                                    : "_ses-{ses}");
  auto pattern_of = [&](const ImageKind& kind) {
    return pattern_literal(kind.above) + folder + "/" + pattern_literal(kind.folders) + name + "_" +
           pattern_literal(kind.entities) + ".nii.gz";
  };
  const ImageKind* mask = nullptr;
  for (const auto& [key, kind] : masks) {
    auto rank = [](const ImageKind& of) { return std::pair(of.paths.size(), of.suffix == "dseg"); };
    if (!mask || rank(kind) > rank(*mask)) mask = &kind;
  }
  for (const auto& [key, kind] : masks)
    if (&kind != mask)
      draft.comments.push_back(fmt::format("Other masks that could be used: {} ({} samples)",
                                           pattern_of(kind), kind.paths.size()));

  const auto channels = channels_of(files, volumes, mask, samples.size(), draft);
  for (const ImageKind* kind : channels) {
    const bool is_twice = std::any_of(
        channels.begin(), channels.end(),
        [&](const ImageKind* other) { return other != kind && other->suffix == kind->suffix; });
    draft.volumes.emplace_back(is_twice ? kind->entities : kind->suffix, pattern_of(*kind));
  }
  for (std::size_t i = 1; i < draft.volumes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (draft.volumes[j].first == draft.volumes[i].first)
        draft.volumes[i].first += fmt::format("_{}", i + 1);
  if (draft.volumes.size() == 1) draft.volumes.front().first.clear();
  if (channels.size() == 1 && channels.front()->suffix == "ct") draft.unit = "HU";

  if (mask) {
    draft.mask = pattern_of(*mask);
    read_labels(files, *mask, draft);
  }
  draft.parts = {{"pid", {}, "[A-Za-z0-9]+"}};
  if (has_session) draft.parts.push_back({"ses", {}, "[A-Za-z0-9]+"});
  draft.id = name;
  std::string fault;
  const auto json = read_json_file(files.root / root / "dataset_description.json", fault);
  draft.is_certain = !fault.empty() || !json.is_null();
  if (!fault.empty())
    draft.comments.push_back(fmt::format("{}dataset_description.json {}", root, fault));
  if (json.is_object() && json.contains("Name") && json["Name"].is_string())
    draft.name = json["Name"].get<std::string>();
  std::error_code error;
  if (std::filesystem::is_regular_file(files.root / root / "participants.tsv", error))
    draft.tables.push_back({pattern_literal(root) + "participants.tsv",
                            {{"participant_id", "sub-{pid}"}},
                            false,
                            "",
                            {}});
  return draft;
}

}  // namespace nicohort
