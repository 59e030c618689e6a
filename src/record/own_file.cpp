#include "record/own_file.hpp"

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/below.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void write_own_file(const fs::path& dataset, const fs::path& file, std::string_view text,
                    const std::function<void()>& flushed) {
  blaming(file.lexically_relative(dataset).generic_string(),
          [&] { require_below(dataset, file, "dataset"); });
  AtomicFile written(file);
  written.write(text);
  written.flush();
  if (flushed) flushed();
  written.commit();
}

}  // namespace nicohort
