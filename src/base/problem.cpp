#include "base/problem.hpp"

#include <algorithm>
#include <array>

namespace nicohort {
namespace {

// In the order of ProblemKind.
constexpr std::array<std::string_view, 15> kind_names{
    "unreadable file", "geometry",        "mask value", "unmapped label", "image content",
    "metadata",        "layout",          "pseudonym",  "duplicate scan", "incomplete",
    "changed file",    "unfinished work", "table",      "split",          "other",
};
static_assert(kind_names.size() == static_cast<std::size_t>(ProblemKind::other) + 1);

}  // namespace

std::string name_of(ProblemKind kind) {
  return std::string(kind_names[static_cast<std::size_t>(kind)]);
}

std::optional<ProblemKind> problem_kind_named(std::string_view name) {
  const auto found = std::find(kind_names.begin(), kind_names.end(), name);
  if (found == kind_names.end()) return {};
  return static_cast<ProblemKind>(found - kind_names.begin());
}

Problem problem_of(const BadInput& bad, const std::string& subject) {
  return {bad.subject().empty() ? subject : bad.subject(), bad.kind(), bad.what()};
}

Problem problem_of(const UsageError& wrong, const std::filesystem::path& table,
                   const std::string& where) {
  const std::string what = wrong.what(), name = table.string() + ": ";
  return {where, ProblemKind::table, what.starts_with(name) ? what.substr(name.size()) : what};
}

}  // namespace nicohort
