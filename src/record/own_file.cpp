#include "record/own_file.hpp"

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/below.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void write_own_file(const fs::path& dataset, const fs::path& file, std::string_view text) {
  blaming(file.lexically_relative(dataset).generic_string(),
          [&] { require_below(dataset, file, "dataset"); });
  write_file(file, text);
}

}  // namespace nicohort
