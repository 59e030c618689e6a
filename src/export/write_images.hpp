// The images of an export: what each is made of, and how.
#pragma once

#include <filesystem>
#include <string>

#include "dataset/checksums.hpp"
#include "export/place.hpp"
#include "export/plan.hpp"
#include "export/written_export.hpp"

namespace nicohort {

class ExportImages {
 public:
  // checksums: of the dataset's files, by path below it.
  ExportImages(const ExportPlan& plan, std::filesystem::path root, Checksums checksums);

  // The same text for an image that is made of the same, in the same way.
  std::string key_of(const ExportImage& image) const;
  // Links the image, or writes it where it is not a file of the dataset as it is. Says how. Throws
  // BadInput, MachineError, and UsageError as Placer does.
  WrittenFile put(const ExportImage& image, Placer& placer) const;
  // Whether the image is still as this says: a link to the dataset's file, or a file that nobody
  // has changed.
  bool is_there(const ExportImage& image, const WrittenFile& written) const;
  // Whether somebody has changed or removed it: it is not just a link to what the dataset has
  // replaced.
  bool is_damaged(const ExportImage& image, const WrittenFile& written) const;
  // How these were made: `12 hard links, 12 relabelled masks`.
  std::string ways_of(const std::vector<const ExportImage*>& images, const Placer& placer) const;

 private:
  bool is_as_it_is(const ExportImage& image) const;
  void write_relabelled(const std::filesystem::path& mask,
                        const std::filesystem::path& target) const;
  void write_joined(const std::vector<std::filesystem::path>& channels,
                    const std::filesystem::path& target) const;

  const ExportPlan& plan_;
  std::filesystem::path root_;
  Checksums checksums_;
};

}  // namespace nicohort
