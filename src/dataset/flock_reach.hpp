// How far the locks of a file system reach.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace nicohort {

// A line of /proc/self/mountinfo.
struct Mount {
  std::string type, options;  // `nfs4`; `rw,relatime,vers=4.2`
};
// The mount that a folder is on; nothing: not known.
std::optional<Mount> mount_of(const std::filesystem::path& folder);

// Whether every machine that uses this mount sees a flock(2) on it: local disks, NFS without
// `local_lock` and `nolock`, Lustre with `flock`, CephFS, GPFS. Not known: no.
bool carries_flock(const std::filesystem::path& folder);

// The same of a mount's type and options.
bool carries_flock(const std::string& type, const std::string& options);

}  // namespace nicohort
