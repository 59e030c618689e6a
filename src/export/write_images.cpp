#include "export/write_images.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
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

void ExportImages::put(const ExportImage& image, const fs::path& target, Placer& placer) const {
  std::error_code error;
  if (is_as_it_is(image)) {
    placer.place(root_ / image.sources.front(), target);
    return;
  }
  if (fs::is_symlink(fs::symlink_status(target, error))) fs::remove(target);
  if (image.is_mask)
    write_relabelled(image.sources.front(), target);
  else
    write_joined(image.sources, target);
  placer.count_copy();
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
