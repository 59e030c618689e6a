// Files that appear whole or not at all (SPEC 2, Safety).
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/output_file.hpp"

namespace nicohort {

// Who may read a new file: whom the process's umask lets, or nobody but the owner (mode 0600, also
// where an older file was open to others). of_many: as usual, but several processes may write it at
// once; the last one's is there.
enum class Access { usual, owner_only, of_many };

// A file under construction. It has a temporary name in the folder of its final one until commit()
// flushes it to the disk and renames it; without commit() it is removed.
//
// The temporary name is derived from the final one, so a run after a crash takes over what the
// crashed one left; a lock keeps two living processes apart. Where the file system has no locks, or
// the file is of many, the process's name is in it, too. Parent folders are made as needed. A
// file that was there keeps its permissions. Throws MachineError; BadInput where the final name is
// that of a symbolic link: who put it there need not be who owns what it leads to.
class AtomicFile final : public OutputFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path, Access access = Access::usual);
  ~AtomicFile() override;

  const std::string& flush() override;
  // Gives the file its name, flushed.
  void commit();

 private:
  std::filesystem::path temporary_;  // path(): its final name
  Access access_;
};

// The whole file in one go.
void write_file(const std::filesystem::path& path, std::string_view text,
                Access access = Access::usual);

// Whether an error number says that the machine lacks something, not that a file is to blame.
bool is_want_of_resources(int code);

// The text of a small file. Throws BadInput when it cannot be read or is larger than `limit` bytes,
// MachineError when the machine cannot open any file.
std::string read_file(const std::filesystem::path& path, std::size_t limit);

// Whether a file has the name of one under construction.
bool is_temporary(const std::filesystem::path& file);

// Removes the temporary files in `folder` (and, if `recursive`, below it) that no living process
// writes: what a killed one left of files that nobody will write again.
void remove_leftovers(const std::filesystem::path& folder, bool recursive);

// "cannot write /a/b: No space left on device; make room ...", from errno.
[[noreturn]] void throw_machine_error(std::string_view doing, const std::filesystem::path& path);

}  // namespace nicohort
