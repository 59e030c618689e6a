#include "verify/verify_sample.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/atomic_file.hpp"
#include "base/sha256.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/recorded_files.hpp"
#include "mask/operations.hpp"
#include "verify/verify_record.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// One sample's verification under way.
struct Verification {
  const fs::path& dataset;
  const SampleFiles files;
  const Recipe& recipe;
  ProblemSink& problems;
  const std::optional<SampleRecord> record;  // that has files
  VerifiedSample result{};
  std::set<std::string> compared{};
  bool has_volume = false, is_described = true;

  // The SHA-256 on record of a file; nullptr if there is none.
  const std::string* recorded(const fs::path& file) const {
    if (!record || file.parent_path() != record->folder) return nullptr;
    const auto found = record->files.find(file.filename().string());
    return found == record->files.end() ? nullptr : &found->second;
  }

  // Compares a file with its record: whether it is as recorded. values: a remark on what of it is
  // still right.
  bool compare(const fs::path& file, const std::string& sha256, const char* values = "") {
    if (!record) return false;
    const std::string path = file.generic_string();
    compared.insert(path);
    const std::string* wanted = recorded(file);
    if (!wanted)
      problems.add(path, ProblemKind::changed_file,
                   "is not in the sample's record; run extract_binary_masks again if it is a "
                   "binary mask, otherwise make the sample again from the archive");
    else if (*wanted != sha256)
      problems.add(path, ProblemKind::changed_file,
                   fmt::format("has changed since it was written{}; restore it from a backup, or "
                               "make the sample again from the archive",
                               values));
    else
      ++result.checksums;
    return wanted && *wanted == sha256;
  }

  // What the record says of a file that is as recorded, and is not so.
  void blame_record(const std::string& what) {
    const fs::path file = OwnFolder(dataset).record(files.id);
    problems.add(file.lexically_relative(dataset).generic_string(), ProblemKind::changed_file,
                 what);
  }

  bool has_changed(const fs::path& file) const {
    try {
      const std::string* wanted = recorded(file);
      return wanted && *wanted != sha256_of_file(dataset / file);
    } catch (const BadInput&) {
      return false;
    }
  }

  // Runs work() on a file; false if it cannot be read. One that was readable when it was written
  // needs no other remedy than any that has changed.
  bool read(const fs::path& file, const std::function<void()>& work) {
    std::error_code error;
    if (recorded(file) && !fs::exists(dataset / file, error))
      return is_described = false;  // that it is missing was told
    try {
      blaming(file.generic_string(), work);
      return true;
    } catch (const BadInput& bad) {
      if (record && has_changed(file))
        compare(file, "");
      else
        problems.add(bad);
      return is_described = false;
    }
  }
};

void verify_info(Verification& sample) {
  const fs::path file = sample.files.info();
  SampleDescription& description = *sample.result.description;
  sample.read(file, [&] {
    description.info = read_info(sample.dataset, sample.files, info_keys(sample.recipe));
    sample.compare(file, sha256_of_file(sample.dataset / file));
  });
}

// The header of a channel's file, the how many-th it is; nothing if it cannot be read.
std::optional<Header> verify_channel(Verification& sample, const std::string& channel,
                                     std::size_t place) {
  std::optional<Header> header;
  const fs::path file = sample.files.volume(channel);
  const VolumeSummary recorded =
      sample.record ? sample.record->volume.value_or(VolumeSummary()) : VolumeSummary();
  sample.read(file, [&] {
    ImageReader reader(sample.dataset / file, true);
    reader.read_values([](std::span<const float>) {});
    header = reader.header();
    const bool has_values = place < recorded.channels.size() &&
                            reader.value_hash() == recorded.channels[place].value_hash;
    sample.result.channels.push_back(
        {channel, reader.value_hash(), 0, has_values && recorded.channels[place].is_blank});
    const bool is_as_recorded = sample.compare(
        file, reader.sha256(),
        has_values ? ", but not its voxel values: only the header or the compression has changed"
                   : "");
    std::string differs = inconsistency(recorded.geometry, header->geometry);
    if (!has_values) differs = differs.empty() ? "voxel values" : "voxel values, " + differs;
    if (is_as_recorded && !differs.empty())
      sample.blame_record(
          fmt::format("describes a volume that differs from {} in {}; make the sample again from "
                      "the archive",
                      file.filename().string(), differs));
  });
  return header;
}

void report_differing(Verification& sample, const fs::path& file, const std::string& differs) {
  if (!differs.empty())
    sample.problems.add(file.generic_string(), ProblemKind::geometry,
                        fmt::format("differs from the sample's other images in {}; write the "
                                    "sample again with confirm_pairs",
                                    differs));
}

void verify_volume(Verification& sample, const std::vector<std::string>& channels) {
  SampleDescription& description = *sample.result.description;
  description.channels = channels;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto header = verify_channel(sample, channels[i], i);
    if (!header) continue;
    if (!sample.has_volume) description.volume = *header;
    sample.has_volume = true;
    report_differing(sample, sample.files.volume(channels[i]),
                     inconsistency(description.volume.geometry, header->geometry));
  }
}

struct VerifiedMask {
  Header header;
  LabelMask labels;
  bool is_as_recorded = false;
};

// A mask that is compared with the volume; nothing if it cannot be read.
std::optional<VerifiedMask> verified_mask(Verification& sample, const fs::path& file,
                                          std::optional<Header>& first_mask) {
  std::optional<VerifiedMask> verified;
  sample.read(file, [&] {
    LoadedMask mask = read_mask(sample.dataset / file, true);
    const bool is_as_recorded = sample.compare(file, mask.sha256);
    verified = VerifiedMask{mask.header, std::move(mask.labels), is_as_recorded};
  });
  if (!verified) return {};
  const Header& header = verified->header;
  if (!first_mask) first_mask = header;
  const Header& reference = sample.has_volume ? sample.result.description->volume : *first_mask;
  report_differing(sample, file, inconsistency(reference, header, first_mask->type));
  return verified;
}

void verify_labels(Verification& sample, const LabelMask& mask) {
  const auto voxels = count_labels(mask);
  const auto& binaries = sample.result.description->binaries;
  std::vector<int> unmapped;
  for (int label = 1; label < 256; ++label)
    if (voxels[label] > 0 && std::none_of(binaries.begin(), binaries.end(), [&](const auto& b) {
          return !b.file.is_group && b.file.label == label;
        }))
      unmapped.push_back(label);
  if (!unmapped.empty() && !binaries.empty())
    sample.problems.add(sample.files.mask().generic_string(), ProblemKind::unmapped_label,
                        fmt::format("has the value{} {} without a binary mask; add it to the label "
                                    "map, or correct the mask",
                                    unmapped.size() > 1 ? "s" : "", fmt::join(unmapped, ", ")));
}

// masks: what is in each of the binary mask files; none for one that cannot be read.
void verify_binaries(Verification& sample, const LabelMask& mask,
                     const std::vector<std::optional<LabelMask>>& masks) {
  const auto& binaries = sample.result.description->binaries;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    if (!masks[i] || !(masks[i]->size() == mask.size())) continue;
    const BinaryMaskFile& file = binaries[i].file;
    std::array<bool, 256> labels{};
    if (file.is_group)
      labels = sample.record->groups[file.label].chosen();
    else
      labels[file.label] = true;
    const std::int64_t differ = count_differing(mask, labels, *masks[i]);
    if (differ > 0)
      sample.problems.add(file.path.generic_string(), ProblemKind::changed_file,
                          fmt::format("differs from {} of the multi-label mask in {} voxel{}; run "
                                      "extract_binary_masks again",
                                      file.is_group ? "the labels of the group"
                                                    : fmt::format("label {}", file.label),
                                      differ, differ == 1 ? "" : "s"));
    if (i > 0 && !file.is_group && binaries[i - 1].file.label == file.label)
      sample.problems.add(file.path.generic_string(), ProblemKind::changed_file,
                          "is a second mask of the same label; remove the one that is out of date");
  }
}

void verify_masks(Verification& sample) {
  std::optional<Header> first_mask;
  std::optional<VerifiedMask> mask;
  std::error_code error;
  if (fs::exists(sample.dataset / sample.files.mask(), error)) {
    mask = verified_mask(sample, sample.files.mask(), first_mask);
    if (mask) sample.result.description->mask = mask->header;
  }
  std::vector<std::optional<LabelMask>> masks;
  std::vector<BinaryMaskFile> files = find_binary_masks(sample.dataset, sample.files);
  if (sample.record)
    for (BinaryMaskFile& file :
         find_group_masks(sample.dataset, sample.files, sample.record->groups))
      files.push_back(std::move(file));
  for (BinaryMaskFile& file : files) {
    auto binary = verified_mask(sample, file.path, first_mask);
    if (binary) {
      const auto voxels = count_labels(binary->labels);
      if (std::any_of(voxels.begin() + 2, voxels.end(), [](auto n) { return n > 0; }))
        sample.problems.add(file.path.generic_string(), ProblemKind::mask_value,
                            "has values other than 0 and 1; run extract_binary_masks again");
    }
    sample.result.description->binaries.push_back(
        {std::move(file), binary && !binary->labels.runs().empty()});
    masks.push_back(binary ? std::optional(std::move(binary->labels)) : std::nullopt);
  }
  if (!mask) return;
  verify_labels(sample, mask->labels);
  verify_binaries(sample, mask->labels, masks);
  if (!mask->is_as_recorded) return;
  for (const std::string& wrong :
       wrong_in_record(*sample.record, mask->labels, mask->header.geometry))
    sample.blame_record(wrong);
}

void find_additions(Verification& sample) {
  if (!sample.record) return;
  std::error_code error;
  for (fs::directory_iterator entry(sample.dataset / sample.files.folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string path = (sample.files.folder / entry->path().filename()).generic_string();
    if (!sample.recorded(path) && !sample.compared.contains(path))
      sample.problems.add(problem_of_addition(path));
  }
}

}  // namespace

VerifiedSample verify_sample(const Dataset& dataset, const FoundSample& found,
                             ProblemSink& problems) {
  Verification sample{dataset.root, found.files(), dataset.recipe, problems,
                      found.is_written ? readable_record(dataset.root, found.id) : std::nullopt};
  if (!sample.record && !found.damage)
    problems.add(ProblemKind::incomplete,
                 "has no record, so its checksums cannot be compared; make it again from the "
                 "archive");
  if (sample.record)
    for (const auto& [name, sha256] : sample.record->files) {
      const fs::path file = fs::path(sample.record->folder) / name;
      std::error_code error;
      if (!fs::exists(dataset.root / file, error)) problems.add(missing(file));
    }
  sample.result.description = SampleDescription{sample.files, {}, {}, {}, {}, {}};
  verify_info(sample);
  verify_volume(sample, channels_of(sample.record, dataset.recipe));
  verify_masks(sample);
  find_additions(sample);
  if (!sample.is_described) sample.result.description.reset();
  return sample.result;
}

Problem problem_of_addition(const fs::path& file) {
  if (is_temporary(file))
    return {file.generic_string(), ProblemKind::unfinished_work,
            "was left by an interrupted command; run that command again, or remove the file"};
  return {file.generic_string(), ProblemKind::changed_file,
          "was not written by nicohort; move it out of the dataset"};
}

}  // namespace nicohort
