#include "record/sample_record.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/own_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t record_bytes = 16 << 20;

// Files are removed by what a record says, which may come from somebody else.
bool has_own_files(const SampleRecord& record) {
  const fs::path folder = sample_folder(record);
  return std::all_of(record.files.begin(), record.files.end(), [&](const auto& entry) {
    return is_in_folder_of(record.id, entry.first) && fs::path(entry.first).parent_path() == folder;
  });
}

fs::path folder_of_records(const fs::path& dataset) {
  return dataset / ".nicohort";
}

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputFile, path, sha256)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Step, routine, parameters, counts, version)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SampleRecord, id, value_hash, inputs, steps, files)

namespace {

std::string text_of(const SampleRecord& record) {
  return nlohmann::json(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace

bool Step::is_same_work(const Step& other) const {
  return routine == other.routine && parameters == other.parameters && version == other.version;
}

fs::path record_path(const fs::path& dataset, const std::string& id) {
  return folder_of_records(dataset) / (id + ".json");
}

std::optional<SampleRecord> read_record(const fs::path& dataset, const std::string& id) {
  const fs::path file = record_path(dataset, id);
  std::error_code error;
  require_own(dataset, file);
  if (!fs::exists(file, error) && !error) return {};
  try {
    auto record = nlohmann::json::parse(read_file(file, record_bytes)).get<SampleRecord>();
    if (record.id == id && has_own_files(record)) return record;
  } catch (const nlohmann::json::exception&) {  // told below
  }
  throw BadInput(file.lexically_relative(dataset).generic_string(),
                 "is not the record of this sample; remove it and make the sample again");
}

std::optional<SampleRecord> readable_record(const fs::path& dataset, const std::string& id) {
  try {
    return read_record(dataset, id);
  } catch (const BadInput&) {
    return {};
  }
}

std::vector<std::string> record_ids(const fs::path& dataset) {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator entry(folder_of_records(dataset), error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name.extension() == ".json" && !name.native().starts_with('.'))  // macOS leaves `._` files
      ids.push_back(name.stem().string());
  }
  // A list that is cut short would pass for all there is.
  if (error && error != std::errc::no_such_file_or_directory)
    throw MachineError("cannot list " + folder_of_records(dataset).string() + ": " +
                       error.message() +
                       "; check its permissions, and start the same command "
                       "again");
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<SampleRecord> read_records(const fs::path& dataset, const TellDamaged& damaged) {
  std::vector<SampleRecord> records;
  for (const std::string& id : record_ids(dataset)) {
    try {
      if (auto record = read_record(dataset, id)) records.push_back(std::move(*record));
    } catch (const BadInput& bad) {
      if (damaged) damaged(bad);
    }
  }
  return records;
}

void write_record(const fs::path& dataset, const SampleRecord& record) {
  write_own_file(dataset, record_path(dataset, record.id), text_of(record));
}

void remove_record(const fs::path& dataset, const std::string& id) {
  remove_own_file(dataset, record_path(dataset, id));
}

fs::path sample_folder(const SampleRecord& record) {
  return record.files.empty() ? fs::path() : fs::path(record.files.begin()->first).parent_path();
}

std::string fingerprint(const SampleRecord& record) {
  return sha256_of(text_of(record));
}

}  // namespace nicohort
