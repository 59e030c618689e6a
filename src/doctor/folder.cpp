#include "doctor/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/named_path.hpp"
#include "base/problem.hpp"
#include "dataset/flock_reach.hpp"
#include "dataset/token.hpp"
#include "doctor/machine.hpp"
#include "export/place.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t little_space = 1'000'000'000, few_new_files = 10'000;
// README: six scans of 512×512×100 voxels take 228 MB.
constexpr std::uint64_t scan_bytes = 38'000'000;
constexpr std::chrono::milliseconds slow_flush{50};
constexpr int flushes = 5;

// A folder for trials, of this process alone.
class TrialFolder {
 public:
  explicit TrialFolder(const fs::path& where)
      : path_(where / (".nicohort-doctor-" + make_token().text)) {
    if (disk().mkdir(path_) != 0) throw_machine_error("make a folder in", where);
  }
  ~TrialFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TrialFolder(const TrialFolder&) = delete;
  TrialFolder& operator=(const TrialFolder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

Check check_disk(const fs::path& folder) {
  const auto mount = mount_of(folder);
  return {"folder", fmt::format("{} ({})", fs::canonical(folder).string(),
                                mount ? mount->type : "of an unknown file system")};
}

// Two locks that exclude each other: 0 if the second is refused, EEXIST if both are granted, else
// what the system says.
int try_locks(const fs::path& file) {
  write_file(file, "");
  const int first = ::open(file.c_str(), O_RDWR | O_CLOEXEC),
            second = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  int code = 0;
  const bool is_locked = disk().flock(first, LOCK_EX | LOCK_NB) == 0;
  if (is_locked && disk().flock(second, LOCK_EX | LOCK_NB) == 0)
    code = EEXIST;
  else if (!is_locked || errno != EWOULDBLOCK)
    code = errno;
  ::close(first);
  ::close(second);
  return code;
}

Check check_locks(const fs::path& folder, const fs::path& file) {
  constexpr const char* instead =
      "nicohort uses lease files instead, which works as long as all machines see the same files; "
      "after a command was killed on another machine, the next one waits for two minutes. Ask for "
      "a mount with locks (Lustre: `flock`; NFS: without `nolock` and `local_lock`), or work on a "
      "disk of this machine";
  const int code = try_locks(file);
  if (code == EEXIST)
    return {"file locks", "do not work: the same lock was granted twice", Grade::unsafe,
            "two commands at once could damage a dataset here; run one at a time, or use another "
            "disk"};
  if (code != 0)
    return {"file locks", fmt::format("do not work ({})", std::strerror(code)), Grade::weak,
            instead};
  if (!carries_flock(folder))
    return {"file locks", "work on this machine, and may not work between machines", Grade::weak,
            instead};
  return {"file locks", "work"};
}

Check check_replacing(const TrialFolder& trial) {
  write_file(trial / "new", "new");
  write_file(trial / "name", "old");
  if (disk().rename(trial / "new", trial / "name") == 0 && read_file(trial / "name", 16) == "new")
    return {"renaming", "replaces a file at once"};
  return {"renaming", fmt::format("does not replace a file ({})", std::strerror(errno)),
          Grade::unsafe, "nothing can be written safely here; use another disk"};
}

std::chrono::microseconds time_of_flush(const TrialFolder& trial) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < flushes; ++i) write_file(trial / "flushed", "some bytes");
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start) /
         flushes;
}

bool has_links(LinkKind kind, const TrialFolder& trial) {
  try {
    Placer(kind, kind).place(trial / "name", trial / "link");
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

Check check_links(const TrialFolder& trial) {
  std::vector<std::string> kinds;
  for (const LinkKind kind : {LinkKind::reflink, LinkKind::hard, LinkKind::symbolic})
    if (has_links(kind, trial)) kinds.push_back(name_of(kind) + "s");
  if (!kinds.empty()) return {"links", fmt::format("{}", fmt::join(kinds, ", "))};
  return {"links", "none", Grade::weak,
          "`nicohort export` copies all images, which takes time and space; for nnunet and monai, "
          "--zero_copy avoids this"};
}

Check check_names(const TrialFolder& trial) {
  write_file(trial / "Name of a file", "");
  if (!fs::exists(trial / "NAME OF A FILE"))
    return {"file names", "upper and lower case are different"};
  return {"file names", "upper and lower case are the same", Grade::unsafe,
          "samples whose IDs differ only in case would have the same files; use another disk, or "
          "make sure that there are none"};
}

}  // namespace

Check check_space(std::uint64_t bytes, std::uint64_t files, bool counts_files) {
  Check check{"free space", fmt::format("{}, enough for about {} CT scans of 512×512×100 voxels",
                                        bytes_text(bytes), bytes / scan_bytes)};
  if (counts_files && files < few_new_files) {
    check.found += fmt::format("; {} new files", files);
    check.grade = Grade::weak;
    check.remedy = "every sample has several files: remove some others, or ask for more";
  } else if (bytes < little_space) {
    check.grade = Grade::weak;
    check.remedy =
        "make room, or use another disk; a command that finds the disk full stops, and "
        "continues when it is run again";
  }
  return check;
}

Check check_flush(std::chrono::microseconds each) {
  const double milliseconds = static_cast<double>(each.count()) / 1000;
  Check check{"writing a file",
              fmt::format("takes {:.2g} ms until it is on the disk", milliseconds)};
  if (each > slow_flush) {
    check.grade = Grade::weak;
    check.remedy =
        "every sample waits for this several times; use --jobs to process more samples at a time, "
        "or a faster disk";
  }
  return check;
}

Checks check_folder(const fs::path& folder) {
  require_folder(folder, "--root_dir");
  Checks checks{check_disk(folder)};
  struct statvfs space {};
  if (::statvfs(folder.c_str(), &space) == 0)
    checks.push_back(check_space(std::uint64_t{space.f_bavail} * space.f_frsize, space.f_favail,
                                 space.f_files > 0));
  try {
    const TrialFolder trial(folder);
    checks.push_back(check_replacing(trial));
    checks.push_back(check_flush(time_of_flush(trial)));
    checks.push_back(check_locks(folder, trial / "lock"));
    checks.push_back(check_links(trial));
    checks.push_back(check_names(trial));
  } catch (const MachineError& error) {
    checks.push_back({"writing", "fails", Grade::unsafe, error.what()});
  }
  return checks;
}

}  // namespace nicohort
