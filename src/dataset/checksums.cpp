#include "dataset/checksums.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/record.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::mutex at_end_mutex;
std::multiset<fs::path> at_end;  // the datasets of all ChecksumsAtEnd

constexpr std::size_t list_bytes = std::size_t{1} << 30, sha256_digits = 64;

// GNU coreutils begin a line with a backslash when it has escapes in the name.
std::string line_of(const std::string& path, const std::string& sha256) {
  std::string escaped;
  for (char c : path) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\n')
      escaped += "\\n";
    else if (c == '\r')
      escaped += "\\r";
    else
      escaped += c;
  }
  return (escaped == path ? "" : "\\") + sha256 + "  " + escaped + "\n";
}

std::string unescaped(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      path += text[i];
      continue;
    }
    const char c = text[++i];
    path += c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return path;
}

// Calls take(path, SHA-256) for all that is on record, by path. A record is read when it is its
// turn: there may be very many.
template <class Take>
void for_each_recorded(const fs::path& dataset, Take&& take) {
  Checksums tables;
  try {
    tables = read_dataset_file(dataset).tables;
  } catch (const BadInput&) {
  }
  std::vector<std::pair<std::string, std::string>> samples;  // folder with `/`, ID
  for (std::string& id : record_ids(dataset))
    if (const auto record = readable_record(dataset, id); record && record->is_written())
      samples.emplace_back(record->folder + "/", std::move(id));
  std::sort(samples.begin(), samples.end());
  auto table = tables.begin();
  for (const auto& [folder, id] : samples) {
    const auto record = readable_record(dataset, id);
    if (!record) continue;
    for (; table != tables.end() && table->first < folder; ++table)
      take(table->first, table->second);
    for (const auto& [file, sha256] : record->files) take(folder + file, sha256);
  }
  for (; table != tables.end(); ++table) take(table->first, table->second);
}

}  // namespace

void write_recorded_checksums(const fs::path& dataset, OutputFile& file) {
  SmallPieces lines(file);
  for_each_recorded(dataset, [&](const std::string& path, const std::string& sha256) {
    lines.write(line_of(path, sha256));
  });
  lines.finish();
}

Checksums recorded_checksums(const fs::path& dataset) {
  Checksums checksums;
  for_each_recorded(dataset, [&](const std::string& path, const std::string& sha256) {
    checksums[path] = sha256;
  });
  return checksums;
}

bool is_list_right(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).checksums();
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(file, error))) return false;
  std::ifstream listed(file);
  bool is_right = true;
  for_each_recorded(dataset, [&](const std::string& path, const std::string& sha256) {
    const std::string expected = line_of(path, sha256);
    std::string line(expected.size(), '\0');
    is_right = is_right && listed.read(line.data(), std::ssize(line)) && line == expected;
  });
  return is_right && listed.peek() == std::ifstream::traits_type::eof();
}

Checksums read_checksums(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).checksums();
  const std::string subject = file.lexically_relative(dataset).generic_string();
  const std::string text = read_own_file(dataset, file, list_bytes).value_or("");
  Checksums checksums;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const bool is_escaped = line.starts_with('\\');
    if (is_escaped) line.remove_prefix(1);
    if (line.size() < sha256_digits + 3 ||
        line.substr(0, sha256_digits).find_first_not_of("0123456789abcdef") != std::string::npos ||
        (line.substr(sha256_digits, 2) != "  " && line.substr(sha256_digits, 2) != " *"))
      throw BadInput(subject, ProblemKind::unreadable_file,
                     "is not a list of SHA-256 checksums; remove it and write the manifest again");
    const std::string_view path = line.substr(sha256_digits + 2);
    checksums[is_escaped ? unescaped(path) : std::string(path)] = line.substr(0, sha256_digits);
  }
  return checksums;
}

void write_checksums(const fs::path& dataset) {
  const fs::path file = OwnFolder(dataset).checksums();
  blaming(file.lexically_relative(dataset).generic_string(),
          [&] { require_below(dataset, file, "dataset"); });
  AtomicFile list(file);
  write_recorded_checksums(dataset, list);
  list.commit();
}

ChecksumsAtEnd::ChecksumsAtEnd(const fs::path& dataset) : dataset_(fs::canonical(dataset)) {
  const std::lock_guard guard(at_end_mutex);
  at_end.insert(dataset_);
}

ChecksumsAtEnd::~ChecksumsAtEnd() {
  const std::lock_guard guard(at_end_mutex);
  at_end.extract(dataset_);  // one of them
}

void change_listed(const fs::path& dataset, const std::function<void()>& change) {
  const bool is_for_end = [&] {
    const std::lock_guard guard(at_end_mutex);
    return at_end.contains(fs::canonical(dataset));
  }();
  const fs::path file = OwnFolder(dataset).checksums();
  if (is_for_end && disk().unlink(file) != 0 && errno != ENOENT)
    throw_machine_error("remove", file);
  change();
  if (!is_for_end) write_checksums(dataset);
}

}  // namespace nicohort
