#include "dataset/moving.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

void copy_beside(const fs::path& own_folder, const fs::path& from, const fs::path& to) {
  // The own folder has this process's token in its name: nobody else writes a file of this name.
  const fs::path temporary =
      to.parent_path() /
      fmt::format(".nicohort-{}.tmp",
                  sha256_of((own_folder / to.filename()).string()).substr(0, 16));
  disk().unlink(temporary);  // of one who did not come to its end
  struct stat status {};
  if (::lstat(from.c_str(), &status) != 0) throw_machine_error("examine", from);
  {
    OutputFile output(temporary);
    output.give_to_group(status.st_gid);
    output.set_mode(status.st_mode);
    copy_into(output, from);
    output.flush();
    output.close();
  }
  require_own_place(own_folder);
  if (disk().rename(temporary, to) != 0) throw_machine_error("rename", to);
}

}  // namespace

void copy_into(OutputFile& output, const fs::path& from) {
  const int input = ::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (input < 0) throw_machine_error("read", from);
  try {
    std::array<std::byte, 256 * 1024> buffer{};
    ssize_t got = 0;
    while ((got = ::read(input, buffer.data(), buffer.size())) != 0) {
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_machine_error("read", from);
      output.write_on({buffer.data(), static_cast<std::size_t>(got)});
    }
  } catch (...) {
    ::close(input);
    throw;
  }
  ::close(input);
}

void throw_taken_over(const fs::path& own_folder) {
  throw MachineError(
      fmt::format("another nicohort process took over because this one seemed to have died ({} has "
                  "disappeared), and completes its committed changes; run the same command again "
                  "when that process has finished",
                  own_folder.string()));
}

void require_own_place(const fs::path& own_folder) {
  std::error_code error;
  if (fs::symlink_status(own_folder, error).type() == fs::file_type::not_found)
    throw_taken_over(own_folder);
}

bool move_out(const fs::path& own_folder, const fs::path& from, const fs::path& to) {
  if (disk().rename(from, to) == 0) return true;
  if (errno == EXDEV) {
    copy_beside(own_folder, from, to);
    return true;
  }
  if (errno != ENOENT) throw_machine_error("rename", to);
  require_own_place(own_folder);
  return false;
}

bool move_in(const fs::path& own_folder, const fs::path& from, const fs::path& to) {
  if (disk().rename(from, to) == 0) return true;
  if (errno == EXDEV) {
    require_own_place(own_folder);
    if (disk().unlink(from) == 0) return true;
  }
  if (errno != ENOENT) throw_machine_error("remove", from);
  require_own_place(own_folder);
  return false;
}

}  // namespace nicohort
