// Images of the archive as the journal of a run knows them: by their presented names.
#pragma once

#include <string>

#include "cohort/archive_names.hpp"
#include "run/outcome.hpp"

namespace nicohort {

// The image as it is now, without its hash; its path is `archive/{name}`.
FileRecord look_at_image(const ArchiveNames& archive, const std::string& name);
// The presented name of a recorded image.
std::string image_of(const FileRecord& record);
// Whether the image has other bytes than those recorded. One that only got another time is read.
bool is_changed(const ArchiveNames& archive, const FileRecord& record);

}  // namespace nicohort
