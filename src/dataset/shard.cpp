#include "dataset/shard.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/problem.hpp"
#include "base/sha256.hpp"

namespace nicohort {
namespace {

constexpr int most_shards = 1'000'000;
constexpr std::string_view slurm_word = "slurm";
constexpr const char* slurm_variable = "SLURM_ARRAY_TASK_ID";

std::optional<int> shard_number(std::string_view text) {
  int number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::string Shard::text() const {
  return fmt::format("{}/{}", index, count);
}

int Shard::of(const std::string& id, int count) {
  const std::uint64_t hash = std::stoull(sha256_of(id).substr(0, 16), nullptr, 16);
  return static_cast<int>(hash % static_cast<std::uint64_t>(count)) + 1;
}

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string which = text.substr(0, slash);
  const auto count =
      slash == std::string::npos ? std::nullopt : shard_number(text.substr(slash + 1));
  const bool is_slurm = which == slurm_word;
  const auto given = shard_number(which);
  if (!count || *count < 1 || *count > most_shards || (!is_slurm && !given))
    throw UsageError(
        fmt::format("--shard {}: write I/N, such as 3/8 for the third of 8 shards, or slurm/N in "
                    "an array job of Slurm",
                    text));
  std::string from = "--shard " + text;
  std::optional<int> index = given;
  if (is_slurm) {
    const char* task = std::getenv(slurm_variable);
    if (!task)
      throw UsageError(
          fmt::format("--shard {}: {} is not set; slurm/N is for the tasks of an array job, "
                      "started with sbatch --array=1-{}. Elsewhere write I/N",
                      text, slurm_variable, *count));
    index = shard_number(task);
    from += fmt::format(": {} is `{}`", slurm_variable, task);
  }
  if (!index || *index < 1 || *index > *count)
    throw UsageError(fmt::format("{}: the shards are numbered from 1 to {}{}", from, *count,
                                 is_slurm ? fmt::format("; use sbatch --array=1-{}", *count) : ""));
  return {*index, *count};
}

}  // namespace nicohort
