// One of the processes that share a run: the samples that are its own.
#pragma once

#include <string>

namespace nicohort {

struct Shard {
  int index = 1, count = 1;  // index: from 1 to count

  // Whether the sample is this shard's: of every ID, one of the shards says so.
  bool has(const std::string& id) const { return of(id, count) == index; }
  // `3/8`
  std::string text() const;

  // The index of the shard that has the sample: the first 64 bits of the SHA-256 of the ID, as a
  // number, modulo count, plus 1. It never changes.
  static int of(const std::string& id, int count);
};

// Reads `I/N`, or `slurm/N` with I from the environment's SLURM_ARRAY_TASK_ID. Throws UsageError.
Shard parse_shard(const std::string& text);

}  // namespace nicohort
