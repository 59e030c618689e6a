#include "dataset/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/below.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool has_channel(const SampleFiles& sample) {
  std::error_code error;
  for (fs::directory_iterator entry(sample.folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename().string().starts_with(sample.id + "_volume_")) return true;
  return false;
}

using SamplesById = std::map<std::string, FoundSample>;

// Those with files, and the folders that these are in.
SamplesById samples_with_files(const fs::path& root,
                               const std::function<bool(const std::string&)>& is_wanted) {
  SamplesById found;
  std::error_code error, fault;
  if (!fs::exists(root, error)) return found;
  fs::recursive_directory_iterator entry(root, fault), end;
  for (; !fault && entry != end; entry.increment(fault)) {
    if (!entry->is_directory(error)) continue;
    const fs::path& folder = entry->path();
    if (folder == OwnFolder(root).path()) {
      entry.disable_recursion_pending();
      continue;
    }
    const SampleFiles sample{folder, folder.filename().string()};
    if (!is_wanted(sample.id)) continue;
    if (fs::exists(sample.volume(), error) || fs::exists(sample.mask(), error) ||
        fs::exists(sample.info(), error) || has_channel(sample))
      found[sample.id].folders.push_back(folder.lexically_relative(root).generic_string());
  }
  // A folder that cannot be listed may hold samples: going on without them would fool the user.
  if (fault)
    throw MachineError(fmt::format("cannot list all folders of {}: {}; check their permissions",
                                   root.string(), fault.message()));
  return found;
}

}  // namespace

std::vector<FoundSample> list_samples(const fs::path& dataset) {
  return list_samples(dataset, [](const std::string&) { return true; });
}

std::vector<FoundSample> list_samples(const fs::path& dataset,
                                      const std::function<bool(const std::string&)>& is_wanted) {
  SamplesById found = samples_with_files(dataset, is_wanted);
  for (const std::string& id : record_ids(dataset))
    if (is_wanted(id)) found[id].has_record = true;
  std::vector<FoundSample> samples;
  samples.reserve(found.size());
  for (; !found.empty(); found.erase(found.begin())) {
    FoundSample& sample = samples.emplace_back(std::move(found.begin()->second));
    sample.id = found.begin()->first;
    std::sort(sample.folders.begin(), sample.folders.end());
  }
  return samples;
}

std::optional<SampleRecord> read_record_of(FoundSample& sample, const fs::path& dataset) {
  sample.is_written = false;
  sample.damage.reset();
  if (!sample.has_record) return {};
  try {
    auto record = read_record(dataset, sample.id);
    sample.is_written = record && record->is_written();
    return record;
  } catch (const BadInput& bad) {
    sample.damage = problem_of(bad);
    return {};
  }
}

std::vector<std::string> ids_of(const std::vector<FoundSample>& samples) {
  std::vector<std::string> ids;
  for (const FoundSample& sample : samples) ids.push_back(sample.id);
  return ids;
}

void require_below(const fs::path& root, const SampleFiles& sample) {
  auto check = [&](const fs::path& file) {
    blaming(file.generic_string(), [&] { require_below(root, root / file, "dataset"); });
  };
  check(sample.folder);
  for (const auto& entry : fs::directory_iterator(root / sample.folder))
    if (entry.is_symlink()) check(sample.folder / entry.path().filename());
}

std::vector<std::string> channels_of(const std::optional<SampleRecord>& record,
                                     const Recipe& recipe) {
  if (!record || !record->volume) return recipe.channels().all();
  std::vector<std::string> names;
  for (const ChannelSummary& channel : record->volume->channels) names.push_back(channel.name);
  return names;
}

bool has_mask(const fs::path& root, const SampleFiles& sample) {
  std::error_code error;
  return fs::exists(root / sample.mask(), error);
}

std::vector<BinaryMaskFile> find_binary_masks(const fs::path& root, const SampleFiles& sample) {
  const std::string begin = sample.id + "_mask_", ending = ".nii.gz";
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::vector<BinaryMaskFile> masks;
  for (const auto& entry : fs::directory_iterator(root / sample.folder)) {
    std::string file = entry.path().filename().string();
    if (!file.starts_with(begin) || !file.ends_with(ending)) continue;
    std::string text = file.substr(begin.size(), file.size() - begin.size() - ending.size());
    std::size_t digits = std::find_if_not(text.begin(), text.end(), is_digit) - text.begin();
    if (digits < 2 || digits > 3 || digits >= text.size() || text[digits] != '_') continue;
    int label = std::stoi(text.substr(0, digits));
    if (label > 255) continue;
    masks.push_back(
        {static_cast<std::uint8_t>(label), text.substr(digits + 1), sample.folder / file});
  }
  std::sort(masks.begin(), masks.end());
  return masks;
}

std::vector<BinaryMaskFile> find_group_masks(const fs::path& root, const SampleFiles& sample,
                                             const LabelGroups& groups) {
  std::vector<BinaryMaskFile> masks;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const fs::path file = sample.group_mask(groups[i].name);
    std::error_code error;
    if (fs::exists(root / file, error))
      masks.push_back({static_cast<std::uint8_t>(i), groups[i].name, file, true});
  }
  return masks;
}

}  // namespace nicohort
