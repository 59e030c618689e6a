#include "record/checksums.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/below.hpp"
#include "record/own_file.hpp"
#include "record/sample_record.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t list_bytes = std::size_t{1} << 30, digits = 64;

// One command at a time reads and writes the list; the others wait. Where the file system knows no
// locks commands are in the dataset alone (run/lock.hpp). What a killed one leaves is swept as its
// other temporary files are.
class ListLock {
 public:
  explicit ListLock(const fs::path& dataset)
      : file_(dataset / ".nicohort" / ".nicohort-SHA256SUMS.tmp") {
    require_own(dataset, file_);
    do {
      if (descriptor_ >= 0) ::close(descriptor_);
      descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
      while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
      }
    } while (descriptor_ >= 0 && !is_named());
  }
  ~ListLock() {
    if (descriptor_ < 0) return;
    ::unlink(file_.c_str());
    ::close(descriptor_);
  }
  ListLock(const ListLock&) = delete;
  ListLock& operator=(const ListLock&) = delete;

 private:
  // Its last owner may have removed it.
  bool is_named() const {
    struct stat opened {
    }, named{};
    return ::fstat(descriptor_, &opened) == 0 && ::lstat(file_.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
  }

  fs::path file_;
  int descriptor_ = -1;
};

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

bool is_of_a_sample(const std::string& path) {
  return path.ends_with(".nii.gz") || path.ends_with("_info.yaml");
}

void write_checksums(const fs::path& dataset, const Checksums& checksums) {
  std::string text;
  for (const auto& [path, sha256] : checksums) text += line_of(path, sha256);
  write_own_file(dataset, checksums_path(dataset), text);
}

// A list that cannot be read is made anew; verify is who complains of it.
Checksums listed(const fs::path& dataset) {
  try {
    return read_checksums(dataset);
  } catch (const BadInput&) {
    return {};
  }
}

Checksums listed_tables(const fs::path& dataset) {
  Checksums tables = listed(dataset);
  std::error_code error;
  std::erase_if(tables, [&](const auto& entry) {
    return is_of_a_sample(entry.first) || !is_below(entry.first) ||
           !fs::exists(dataset / entry.first, error);
  });
  return tables;
}

Checksums listed_anew(const fs::path& dataset) {
  Checksums checksums = listed_tables(dataset);
  for (const SampleRecord& record : read_records(dataset))
    checksums.insert(record.files.begin(), record.files.end());
  return checksums;
}

// Whether there is a list, and none of its samples has been taken out. Without any record it is all
// that is left.
bool are_recorded(const fs::path& dataset, const Checksums& checksums) {
  const std::vector<std::string> ids = record_ids(dataset);
  if (ids.empty()) return true;
  return !checksums.empty() && std::all_of(checksums.begin(), checksums.end(), [&](auto& entry) {
    const std::string id = fs::path(entry.first).parent_path().filename().string();
    return !is_of_a_sample(entry.first) || std::binary_search(ids.begin(), ids.end(), id);
  });
}

}  // namespace

fs::path checksums_path(const fs::path& dataset) {
  return dataset / ".nicohort" / "SHA256SUMS";
}

Checksums read_checksums(const fs::path& dataset) {
  const fs::path file = checksums_path(dataset);
  std::error_code error;
  require_own(dataset, file);
  if (!fs::exists(file, error)) return {};
  const std::string text = read_file(file, list_bytes);
  Checksums checksums;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const bool is_escaped = line.starts_with('\\');
    if (is_escaped) line.remove_prefix(1);
    if (line.size() < digits + 3 ||
        line.substr(0, digits).find_first_not_of("0123456789abcdef") != std::string::npos ||
        (line.substr(digits, 2) != "  " && line.substr(digits, 2) != " *"))
      throw BadInput(file.lexically_relative(dataset).generic_string(),
                     "is not a list of SHA-256 checksums; bring the dataset's own list back");
    const std::string_view path = line.substr(digits + 2);
    checksums[is_escaped ? unescaped(path) : std::string(path)] = line.substr(0, digits);
  }
  return checksums;
}

void list_samples(const fs::path& dataset) {
  const ListLock lock(dataset);
  write_checksums(dataset, listed_anew(dataset));
}

void list_table(const fs::path& table) {
  std::error_code error;
  const fs::path file = fs::canonical(table, error);
  if (error) return;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (fs::is_directory(checksums_path(folder).parent_path(), error) &&
        (fs::exists(checksums_path(folder), error) || !record_ids(folder).empty())) {
      const ListLock lock(folder);
      Checksums checksums = listed(folder);
      if (!are_recorded(folder, checksums)) checksums = listed_anew(folder);
      checksums[file.lexically_relative(folder).generic_string()] = sha256_of_file(file);
      return write_checksums(folder, checksums);
    }
    if (folder == folder.parent_path()) return;
  }
}

}  // namespace nicohort
