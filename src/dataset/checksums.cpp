#include "dataset/checksums.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/record.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

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

}  // namespace

Checksums recorded_checksums(const fs::path& dataset) {
  Checksums checksums;
  try {
    checksums = read_dataset_file(dataset).tables;
  } catch (const BadInput&) {
  }
  for (const std::string& id : record_ids(dataset))
    if (const auto record = readable_record(dataset, id))
      for (const auto& [file, sha256] : record->files)
        checksums[(fs::path(record->folder) / file).generic_string()] = sha256;
  return checksums;
}

std::string checksums_text(const Checksums& checksums) {
  std::string text;
  for (const auto& [path, sha256] : checksums) text += line_of(path, sha256);
  return text;
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
  write_file(file, checksums_text(recorded_checksums(dataset)));
}

}  // namespace nicohort
