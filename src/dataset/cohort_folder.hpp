// The folders of a cohort, `root/archive` and `root/grouped`, one of which is easily named in place
// of another.
#pragma once

#include <filesystem>
#include <string>

namespace nicohort {

enum class CohortFolder { root, archive, dataset };

// "; did you mean d/grouped?": the folder of this kind that belongs to the named one; empty where
// none does.
std::string meant_instead_of(const std::filesystem::path& named, CohortFolder wanted);

// The same for the dataset's manifest, in place of a table or its folder.
std::string meant_manifest(const std::filesystem::path& named);

// Each throws UsageError, with the option and what was probably meant, unless the folder is there
// and can be what it is named for: the folder around a dataset, ...
void require_root_of_dataset(const std::filesystem::path& folder, const std::string& option);
// ... an archive, which is neither a dataset nor the folder around one, ...
void require_archive(const std::filesystem::path& folder, const std::string& option);
// ... or a dataset, which is not that folder, too.
void require_not_around_dataset(const std::filesystem::path& folder, const std::string& option);
// The same for the file of a dataset's manifest; what is in it is not looked at.
void require_dataset_manifest(const std::filesystem::path& file, const std::string& option);

// Whether a command has written a dataset there.
bool is_dataset(const std::filesystem::path& folder);

}  // namespace nicohort
