// The files of an export, as a format lays them out.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "export/cohort.hpp"
#include "export/json_text.hpp"

namespace nicohort {

// New values of a mask's labels, by label.
using NewLabels = std::array<std::uint8_t, 256>;

struct ExportImage {
  std::string target;                 // below the export's folder
  std::vector<DatasetImage> sources;  // several become one 4-D image
  bool is_mask = false;               // gets the new labels, if there are any
};

struct ExportText {
  ExportText(std::filesystem::path file, std::function<void(const TakeText&)> write)
      : target(std::move(file)), put(std::move(write)) {}
  ExportText(std::filesystem::path file, std::string text)
      : target(std::move(file)),
        put([text = std::move(text)](const TakeText& take) { take(text); }) {}

  std::filesystem::path target;  // below the export's folder, or beside it
  // Gives the text, the same whenever it is asked for: there may be much of it, and nobody keeps
  // it.
  std::function<void(const TakeText&)> put;
};

struct ExportPlan {
  std::filesystem::path folder;
  std::string format;  // `nnunet`; an export of another one is another export
  // Of the sample at this place of the cohort; any thread. Empty: the format has no images.
  std::function<std::vector<ExportImage>(std::size_t sample)> images_of;
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
