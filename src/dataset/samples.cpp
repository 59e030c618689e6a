#include "dataset/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/below.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool is_dataset(const fs::path& folder) {
  std::error_code error;
  return fs::exists(OwnFolder(folder).dataset_file(), error);
}

// Records and notes are in the dataset's own folder: who names one above or below it would go past
// them.
void require_whole_dataset(const fs::path& root, const std::vector<SampleFiles>& samples) {
  std::error_code error;
  if (is_dataset(root)) return;
  std::set<fs::path> folders;
  for (const SampleFiles& sample : samples)
    for (fs::path folder = sample.folder.parent_path(); !folder.empty();
         folder = folder.parent_path())
      folders.insert(root / folder);
  for (fs::path folder = fs::canonical(root, error); folder != folder.parent_path();
       folder = folder.parent_path())
    folders.insert(folder.parent_path());
  for (const fs::path& folder : folders)
    if (is_dataset(folder))
      throw UsageError(fmt::format("{}: the dataset is {}; name that with --root_dir",
                                   root.string(), folder.string()));
}

}  // namespace

std::vector<SampleFiles> all_samples(const fs::path& root) {
  std::error_code error;
  std::vector<SampleFiles> samples;
  // A folder that cannot be listed may hold samples: going on without them would fool the user.
  std::error_code fault;
  fs::recursive_directory_iterator folders(root, fault);
  for (; !fault && folders != fs::recursive_directory_iterator(); folders.increment(fault)) {
    if (!folders->is_directory(error)) continue;
    const fs::path& folder = folders->path();
    if (folder == OwnFolder(root).path()) {
      folders.disable_recursion_pending();
      continue;
    }
    SampleFiles sample{folder, folder.filename().string()};
    if (fs::exists(sample.volume(), error) || fs::exists(sample.mask(), error) ||
        fs::exists(sample.info(), error)) {
      sample.folder = folder.lexically_relative(root);
      samples.push_back(std::move(sample));
    }
  }
  if (fault)
    throw MachineError(fmt::format("cannot list all folders of {}: {}; check their permissions",
                                   root.string(), fault.message()));
  std::sort(samples.begin(), samples.end(), [](const SampleFiles& a, const SampleFiles& b) {
    return std::tie(a.id, a.folder) < std::tie(b.id, b.folder);
  });
  return samples;
}

std::vector<SampleFiles> find_samples(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    throw UsageError(
        fmt::format("{}: no such folder; --root_dir names the dataset that confirm_pairs "
                    "wrote",
                    root.string()));
  auto samples = all_samples(root);
  if (samples.empty())
    throw UsageError(
        fmt::format("{}: no samples here; --root_dir names the dataset that confirm_pairs "
                    "wrote",
                    root.string()));
  require_whole_dataset(root, samples);
  auto twin = std::adjacent_find(samples.begin(), samples.end(),
                                 [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twin != samples.end())
    throw UsageError(fmt::format(
        "{}: two folders for the sample {}, {} and {}; move one of them out", root.string(),
        twin->id, twin->folder.generic_string(), std::next(twin)->folder.generic_string()));
  return samples;
}

std::vector<std::string> ids_of(const std::vector<SampleFiles>& samples) {
  std::vector<std::string> ids;
  for (const SampleFiles& sample : samples) ids.push_back(sample.id);
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

}  // namespace nicohort
