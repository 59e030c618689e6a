#include "export/write_images.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
#include "dataset/file_state.hpp"
#include "image/image_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

bool ExportImages::is_as_it_is(const ExportImage& image) const {
  return image.sources.size() == 1 && !(image.is_mask && plan_.new_labels);
}

Sha256Bytes ExportImages::made_of(const ExportImage& image) const {
  if (is_as_it_is(image)) return image.sources.front().sha256;
  std::string all;
  for (const DatasetImage& source : image.sources) all += hex_of(source.sha256) + " ";
  if (image.is_mask && plan_.new_labels)
    for (std::size_t label = 0; label < plan_.new_labels->size(); ++label)
      if (const std::uint8_t number = (*plan_.new_labels)[label]; number != label && number != 0)
        all += fmt::format("{}={} ", label, number);
  return sha256_bytes(sha256_of(all)).value();
}

WrittenFile ExportImages::put(const ExportImage& image, Placer& placer) const {
  const fs::path target = plan_.folder / image.target;
  LinkKind kind = LinkKind::copy;
  if (is_as_it_is(image)) {
    kind = placer.place(root_ / image.sources.front().file, target);
  } else {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(target, error))) fs::remove(target, error);
    if (image.is_mask)
      write_relabelled(image.sources.front().file, target);
    else
      write_joined(image.sources, target);
  }
  const FileState state = state_of(target);
  return {.made_of = made_of(image),
          .kind = kind,
          .is_finished = true,
          .is_wanted = true,
          .bytes = state.bytes,
          .modified = state.modified};
}

bool ExportImages::is_there(const ExportImage& image, const WrittenFile& written) const {
  const fs::path target = plan_.folder / image.target;
  if (!is_link_to(written.kind, root_ / image.sources.front().file, target)) return false;
  return written.kind == LinkKind::hard || written.kind == LinkKind::symbolic ||
         !is_damaged(image, written);
}

bool ExportImages::is_damaged(const ExportImage& image, const WrittenFile& written) const {
  return !state_of(plan_.folder / image.target)
              .is_same_content({.bytes = written.bytes, .modified = written.modified});
}

void ExportImages::write_relabelled(const std::string& mask, const fs::path& target) const {
  blaming(mask, [&] {
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

void ExportImages::write_joined(const std::vector<DatasetImage>& channels,
                                const fs::path& target) const {
  std::optional<ImageWriter> writer;
  for (const DatasetImage& channel : channels)
    blaming(channel.file, [&] {
      ImageReader reader(root_ / channel.file);
      if (!writer)
        writer.emplace(target, reader.header().geometry, DataType::float32, Compression::balanced,
                       static_cast<std::int64_t>(channels.size()));
      reader.read_values([&](std::span<const float> values) { writer->write(values); });
    });
  writer->finish();
  writer->commit();
}

}  // namespace nicohort
