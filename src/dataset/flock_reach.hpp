// How far the locks of a file system reach.
#pragma once

#include <filesystem>
#include <string>

namespace nicohort {

// Whether every machine that uses this mount sees a flock(2) on it: local disks, NFS without
// `local_lock` and `nolock`, Lustre with `flock`, CephFS, GPFS. Not known: no.
bool carries_flock(const std::filesystem::path& folder);

// The same of a line of /proc/self/mountinfo's type and options.
bool carries_flock(const std::string& type, const std::string& options);

}  // namespace nicohort
