#include "dataset/dataset_at_work.hpp"

#include "base/below.hpp"
#include "base/listener.hpp"
#include "dataset/layout.hpp"
#include "dataset/transaction.hpp"
#include "dataset/unfinished.hpp"

namespace nicohort {
namespace fs = std::filesystem;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

DatasetAtWork::DatasetAtWork(const fs::path& dataset, const fs::path& table, Listener& listener) {
  std::error_code error;
  if (!fs::is_directory(OwnFolder(dataset).path(), error)) return;
  const fs::path within =
      fs::weakly_canonical(table, error).lexically_relative(fs::weakly_canonical(dataset, error));
  // Before its own lock, which would be in the way.
  for (const std::string& sentence : recover(dataset, listener)) listener.warning(sentence);
  lock_ = std::make_unique<DatasetLock>(
      dataset, is_below(within.string()) ? DatasetLock::Mode::alone : DatasetLock::Mode::together,
      listener);
  require_finished(dataset);
}

}  // namespace nicohort
