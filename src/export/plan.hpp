// The files of an export, as a format lays them out.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nicohort {

// New values of a mask's labels, by label.
using NewLabels = std::array<std::uint8_t, 256>;

struct ExportImage {
  std::filesystem::path target;                // below the export's folder
  std::vector<std::filesystem::path> sources;  // below the dataset; several become one 4-D image
  bool is_mask = false;                        // gets the new labels, if there are any
};

struct ExportText {
  std::filesystem::path target;  // below the export's folder, or beside it
  std::string text;
};

struct ExportPlan {
  std::filesystem::path folder;
  std::string format;  // with what makes it another export: `nnunet 42`
  std::vector<ExportImage> images;
  std::vector<std::filesystem::path> folders;  // that are there in any case, empty or not
  std::optional<NewLabels> new_labels;
  // The only files outside of the folder that an export of this format can have, relative to it.
  std::vector<std::filesystem::path> beside;
  // Below the folder: what the framework itself writes there, which is no reason to refuse it.
  std::vector<std::filesystem::path> of_framework = {};
  // Written after the images, in this order. The last one is the index: without it there is no
  // export.
  std::vector<ExportText> texts;
  std::vector<std::string> told = {};  // when it is written: sentences
};

}  // namespace nicohort
