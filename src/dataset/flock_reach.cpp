#include "dataset/flock_reach.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

namespace nicohort {
namespace {

constexpr std::array<std::string_view, 19> sure_types = {
    "ext2",  "ext3",     "ext4",    "xfs",  "btrfs", "f2fs",  "zfs",  "bcachefs", "jfs",   "tmpfs",
    "ramfs", "reiserfs", "overlay", "vfat", "exfat", "ntfs3", "ceph", "gpfs",     "nilfs2"};

bool has_option(const std::string& options, std::string_view wanted) {
  std::istringstream words(options);
  std::string option;
  while (std::getline(words, option, ','))
    if (option == wanted) return true;
  return false;
}

}  // namespace

bool carries_flock(const std::string& type, const std::string& options) {
  if (type == "nfs" || type == "nfs4")
    return !has_option(options, "nolock") && !has_option(options, "local_lock=flock") &&
           !has_option(options, "local_lock=all");
  if (type == "lustre") return has_option(options, "flock");
  return std::find(sure_types.begin(), sure_types.end(), type) != sure_types.end();
}

std::optional<Mount> mount_of(const std::filesystem::path& folder) {
  struct statx status {};
  if (::statx(AT_FDCWD, folder.c_str(), 0, STATX_MNT_ID, &status) != 0 ||
      (status.stx_mask & STATX_MNT_ID) == 0)
    return {};
  // `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  while (std::getline(mounts, line)) {
    std::istringstream fields(line);
    std::string number, parent, device, root, place, options, field, type, source, more;
    fields >> number >> parent >> device >> root >> place >> options;
    if (number != std::to_string(status.stx_mnt_id)) continue;
    while (fields >> field && field != "-") {
    }
    fields >> type >> source >> more;
    return Mount{type, options.append(",").append(more)};
  }
  return {};
}

bool carries_flock(const std::filesystem::path& folder) {
  const auto mount = mount_of(folder);
  return mount && carries_flock(mount->type, mount->options);
}

}  // namespace nicohort
