// Renames from nicohort's own folders into a dataset and back.
#pragma once

#include <filesystem>

#include "base/output_file.hpp"

namespace nicohort {

// All of a file, whatever signal comes. Throws MachineError.
void copy_into(OutputFile& output, const std::filesystem::path& from);

// Throws MachineError: the folder that belongs to this process alone is gone.
[[noreturn]] void throw_taken_over(const std::filesystem::path& own_folder);
void require_own_place(const std::filesystem::path& own_folder);

// Renames `from`, which lies in `own_folder`, to `to`, which replaces what is there; where a rename
// is not possible (EXDEV: another mount, or a quota for projects) by a copy beside it. Gives
// whether `from` was there. Throws MachineError.
bool move_out(const std::filesystem::path& own_folder, const std::filesystem::path& from,
              const std::filesystem::path& to);
// Takes `from` away to `to`, which lies in `own_folder`. Gives whether it was there.
bool move_in(const std::filesystem::path& own_folder, const std::filesystem::path& from,
             const std::filesystem::path& to);

}  // namespace nicohort
