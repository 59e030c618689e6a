// Puts the images of an export into its folder: as links where the disk can, else as copies.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>

namespace nicohort {

enum class LinkKind { reflink, hard, symbolic, copy };
// `reflink`, `hard link`, `symbolic link`, `copy`
std::string name_of(LinkKind kind);
// Whether the target is a link of this kind, or a file of its own, and leads to the file.
bool is_link_to(LinkKind kind, const std::filesystem::path& file,
                const std::filesystem::path& target);

// Any thread.
class Placer {
 public:
  // The kinds that are tried, in their order, from first to last.
  Placer(LinkKind first, LinkKind last) : first_(first), last_(last) {}

  // Gives the file a second name; what has this name is replaced, at once. Says in which way.
  // Throws MachineError, and UsageError where links of the only kind that is wanted are not
  // possible.
  LinkKind place(const std::filesystem::path& file, const std::filesystem::path& target);
  // How many files were placed in which way: `12 hard links, 1 copy`; empty: none.
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  LinkKind first_, last_;  // first_: the first that worked
  std::array<std::size_t, 4> counts_{};
};

}  // namespace nicohort
