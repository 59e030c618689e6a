// The images of an export: what each is made of, and how.
#pragma once

#include <filesystem>
#include <string>

#include "dataset/checksums.hpp"
#include "export/place.hpp"
#include "export/plan.hpp"

namespace nicohort {

class ExportImages {
 public:
  // checksums: of the dataset's files, by path below it.
  ExportImages(const ExportPlan& plan, std::filesystem::path root, Checksums checksums);

  // The same text for an image that is made of the same, in the same way.
  std::string key_of(const ExportImage& image) const;
  // Links the image, or writes it where it is not a file of the dataset as it is. Throws BadInput,
  // MachineError, and UsageError as Placer does.
  void put(const ExportImage& image, const std::filesystem::path& target, Placer& placer) const;

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
