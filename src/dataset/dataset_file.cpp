#include "dataset/dataset_file.hpp"

#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "dataset/checksums.hpp"
#include "dataset/layout.hpp"
#include "dataset/own_folders.hpp"

namespace nicohort {
namespace fs = std::filesystem;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DatasetFile, naming, tables)

namespace {

constexpr std::size_t file_bytes = 16 << 20;

// The dataset that the table lies in; empty: none.
fs::path dataset_of(const fs::path& table) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(table, error).parent_path();
  for (; folder != folder.parent_path(); folder = folder.parent_path())
    if (fs::exists(OwnFolder(folder).dataset_file(), error)) return folder;
  return {};
}

}  // namespace

DatasetFile read_dataset_file(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).dataset_file();
  const std::string subject = file.lexically_relative(dataset).generic_string();
  const auto text = read_own_file(dataset, file, file_bytes);
  if (!text) return {};
  try {
    return nlohmann::json::parse(*text).get<DatasetFile>();
  } catch (const nlohmann::json::exception&) {
    throw BadInput(subject, ProblemKind::unreadable_file,
                   "is damaged; restore it from a backup, or delete it and write the manifest and "
                   "splits again");
  }
}

std::string text_of(const DatasetFile& file) {
  return nlohmann::json(file).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void list_table(const fs::path& table) {
  const fs::path dataset = dataset_of(table);
  if (dataset.empty()) return;
  std::error_code error;
  DatasetFile file = read_dataset_file(dataset);
  const std::string path =
      fs::weakly_canonical(table, error).lexically_relative(dataset).generic_string();
  const std::string sha256 = sha256_of_file(table);
  std::erase_if(file.tables, [&](const auto& known) {
    return known.first != path && !fs::exists(dataset / known.first, error);
  });
  file.tables[path] = sha256;
  write_file(OwnFolder(dataset).dataset_file(), text_of(file));
  write_checksums(dataset);
}

}  // namespace nicohort
