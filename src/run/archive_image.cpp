#include "run/archive_image.hpp"

#include "base/sha256.hpp"
#include "run/process_sample.hpp"

namespace nicohort {
namespace fs = std::filesystem;

FileRecord look_at_image(const ArchiveNames& archive, const std::string& name) {
  const auto file = archive.find(name);
  FileRecord record = file ? look_at({}, file->string()) : FileRecord{"", -1, 0, ""};
  record.path = (fs::path(archive_folder) / name).generic_string();
  return record;
}

std::string image_of(const FileRecord& record) {
  return fs::path(record.path).lexically_relative(archive_folder).generic_string();
}

bool is_changed(const ArchiveNames& archive, const FileRecord& record) {
  const std::string name = image_of(record);
  const FileRecord now = look_at_image(archive, name);
  if (now.bytes != record.bytes) return true;
  if (now.changed == record.changed) return false;
  try {
    return archive.open(name, sha256_of_file) != record.sha256;
  } catch (const BadInput&) {
    return true;  // the work on it says what is wrong
  }
}

}  // namespace nicohort
