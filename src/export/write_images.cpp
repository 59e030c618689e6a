#include "export/write_images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/listener.hpp"
#include "base/problem.hpp"
#include "dataset/file_state.hpp"
#include "image/image_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

ExportImages::ExportImages(const ExportPlan& plan, fs::path root, Checksums checksums)
    : plan_(plan), root_(std::move(root)), checksums_(std::move(checksums)) {}

bool ExportImages::is_as_it_is(const ExportImage& image) const {
  return image.sources.size() == 1 && !(image.is_mask && plan_.new_labels);
}

std::string ExportImages::key_of(const ExportImage& image) const {
  std::string key;
  for (const fs::path& source : image.sources)
    key += (key.empty() ? "" : " ") + checksums_.at(source.generic_string());
  if (image.is_mask && plan_.new_labels)
    for (std::size_t label = 0; label < plan_.new_labels->size(); ++label)
      if (const std::uint8_t number = (*plan_.new_labels)[label]; number != label && number != 0)
        key += fmt::format(" {}={}", label, number);
  return key;
}

WrittenFile ExportImages::put(const ExportImage& image, Placer& placer) const {
  const fs::path target = plan_.folder / image.target;
  LinkKind kind = LinkKind::copy;
  if (is_as_it_is(image)) {
    kind = placer.place(root_ / image.sources.front(), target);
  } else {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(target, error))) fs::remove(target, error);
    if (image.is_mask)
      write_relabelled(image.sources.front(), target);
    else
      write_joined(image.sources, target);
  }
  const FileState state = state_of(target);
  return {key_of(image), kind, state.bytes, state.modified};
}

bool ExportImages::is_there(const ExportImage& image, const WrittenFile& written) const {
  const fs::path target = plan_.folder / image.target;
  if (!is_link_to(written.kind, root_ / image.sources.front(), target)) return false;
  return written.kind == LinkKind::hard || written.kind == LinkKind::symbolic ||
         !is_damaged(image, written);
}

bool ExportImages::is_damaged(const ExportImage& image, const WrittenFile& written) const {
  return !state_of(plan_.folder / image.target)
              .is_same_content({.bytes = written.bytes, .modified = written.modified});
}

std::string ExportImages::ways_of(const std::vector<const ExportImage*>& images,
                                  const Placer& placer) const {
  std::size_t masks = 0, joined = 0;
  for (const ExportImage* image : images)
    if (!is_as_it_is(*image)) ++(image->is_mask ? masks : joined);
  std::vector<std::string> ways;
  if (!placer.text().empty()) ways.push_back(placer.text());
  if (masks > 0) ways.push_back(counted(masks, "relabelled mask"));
  if (joined > 0) ways.push_back(counted(joined, "4-D image"));
  return fmt::format("{}", fmt::join(ways, ", "));
}

void ExportImages::write_relabelled(const fs::path& mask, const fs::path& target) const {
  blaming(mask.generic_string(), [&] {
    ImageReader reader(root_ / mask);
    ImageWriter writer(target, reader.header().geometry, DataType::uint8);
    std::vector<std::uint8_t> renumbered;
    reader.read_labels([&](std::span<const std::uint8_t> labels) {
      renumbered.resize(labels.size());
      std::transform(labels.begin(), labels.end(), renumbered.begin(),
                     [&](std::uint8_t label) { return (*plan_.new_labels)[label]; });
      writer.write(std::span<const std::uint8_t>(renumbered));
    });
    writer.finish();
    writer.commit();
  });
}

void ExportImages::write_joined(const std::vector<fs::path>& channels,
                                const fs::path& target) const {
  std::optional<ImageWriter> writer;
  for (const fs::path& channel : channels)
    blaming(channel.generic_string(), [&] {
      ImageReader reader(root_ / channel);
      if (!writer)
        writer.emplace(target, reader.header().geometry, DataType::float32, Compression::balanced,
                       static_cast<std::int64_t>(channels.size()));
      reader.read_values([&](std::span<const float> values) { writer->write(values); });
    });
  writer->finish();
  writer->commit();
}

}  // namespace nicohort
