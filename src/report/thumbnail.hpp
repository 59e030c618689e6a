// The picture of a sample: `{report}/thumbnails/{ID}.png`. Each says, in its file, what it is a
// picture of, so that it is made anew only when that has changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/png.hpp"
#include "dataset/record.hpp"
#include "step/window.hpp"

namespace nicohort {

// Below the report's folder: `thumbnails/TJ_0012_pre.png`.
std::string thumbnail_path(const std::string& id);

// What a picture shows: the SHA-256 of the sample's volume, of its mask, of the mask as drawn, and
// the window of its values (none: that which fits them), in one.
std::string thumbnail_fingerprint(const SampleRecord& record, const std::optional<Window>& window);
// The same where the dataset's mask stands for the mask as drawn.
std::string thumbnail_fingerprint_without_drawn(const SampleRecord& record,
                                                const std::optional<Window>& window);

// Whether there is a picture, and it is of this.
bool has_thumbnail(const std::filesystem::path& report, const std::string& id,
                   const std::string& fingerprint);

// fingerprint: empty where nobody knows. Any thread. Throws MachineError.
void write_thumbnail(const std::filesystem::path& report, const std::string& id,
                     const PalettePicture& picture, const std::string& fingerprint);
// Of a sample with the mask as drawn, if it has one.
void write_thumbnail(const std::filesystem::path& report, const SampleRecord& record,
                     const PalettePicture& picture, const std::optional<Window>& window);

}  // namespace nicohort
