// The images of an export: what each is made of, and how.
#pragma once

#include <filesystem>
#include <string>

#include "export/place.hpp"
#include "export/plan.hpp"
#include "export/written_export.hpp"

namespace nicohort {

class ExportImages {
 public:
  ExportImages(const ExportPlan& plan, std::filesystem::path root)
      : plan_(plan), root_(std::move(root)) {}

  // The same for an image that is made of the same, in the same way.
  Sha256Bytes made_of(const ExportImage& image) const;
  // Whether it is a file of the dataset as it is.
  bool is_as_it_is(const ExportImage& image) const;
  // Links the image, or writes it where it is not a file of the dataset as it is. Says how. Throws
  // BadInput, MachineError, and UsageError as Placer does.
  WrittenFile put(const ExportImage& image, Placer& placer) const;
  // Whether the image is still as this says: a link to the dataset's file, or a file that nobody
  // has changed.
  bool is_there(const ExportImage& image, const WrittenFile& written) const;
  // Whether somebody has changed or removed it: it is not just a link to what the dataset has
  // replaced.
  bool is_damaged(const ExportImage& image, const WrittenFile& written) const;

 private:
  void write_relabelled(const std::string& mask, const std::filesystem::path& target) const;
  void write_joined(const std::vector<DatasetImage>& channels,
                    const std::filesystem::path& target) const;

  const ExportPlan& plan_;
  std::filesystem::path root_;
};

}  // namespace nicohort
