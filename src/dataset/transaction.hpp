// How a dataset changes (TRANSACTIONS): a sample's files and its record change together or not at
// all. Staged, flushed, decided by one rename, moved into place, the record last.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/listener.hpp"
#include "base/output_file.hpp"
#include "dataset/cache.hpp"
#include "dataset/file_state.hpp"
#include "dataset/record.hpp"
#include "dataset/shard.hpp"
#include "dataset/unfinished.hpp"

namespace nicohort {

class Transaction;

// What commit() did beside what it was asked for.
struct Committed {
  // Files that were edited by hand, now in `{dataset}/../descriptor/replaced/`.
  std::vector<std::filesystem::path> preserved;
  // A sentence for each file that somebody edited while it was replaced: it stays as it is.
  std::vector<std::string> left;
};

// The new state of one sample under construction. What is not committed is dropped.
class StagedSample {
 public:
  StagedSample(StagedSample&&) noexcept;
  ~StagedSample();

  // Notes size and time of a file that the new state is made from, before it is read: if it is
  // another at commit(), the sample is a problem and stays as it is. The files that the sample has
  // on record are noted when it is staged.
  void watch(const std::filesystem::path& input);

  // A new file of the sample, by its name in the sample's folder. Any number may be open at once.
  OutputFile& add(const std::string& name);

  // Brings the sample into its new state. record.files: the files that the sample keeps as they
  // are; those added are entered here, with their checksums. Files that the present record has and
  // the new one has not are removed: all of them, if the new one is of a sample without files. A
  // file that is not as recorded was edited by hand: if it is replaced or removed, a copy of it
  // goes to `{dataset}/../descriptor/replaced/{name}.{8 digits of its SHA-256}`. Throws BadInput if
  // a watched file, or one that is to be replaced, was changed meanwhile, MachineError where the
  // machine fails: before the decision nothing has changed, after it the next command completes it.
  Committed commit(SampleRecord& record);

 private:
  friend class Transaction;
  struct State;
  explicit StagedSample(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One command's changes to a dataset. Any thread may stage and commit samples, several at once.
class Transaction {
 public:
  // Makes the folders, locks, and completes or drops what a stopped command left, of which the
  // listener is told. Throws DatasetBusy if another nicohort is at work; MachineError where
  // something lies in commit/ that is not its own.
  Transaction(const std::filesystem::path& dataset, Listener& listener);
  // The same, and begin().
  Transaction(const std::filesystem::path& dataset, const Work& work, Listener& listener);
  // As one of the shards of this work, whatever its samples, which are there together. The first is
  // alone until it has called begin(), with the samples of all shards, and share(). Others wait for
  // that and have_joined(). Throws DatasetBusy if shards of other work are there.
  Transaction(const std::filesystem::path& dataset, const Work& work, const Shard& shard,
              Listener& listener);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Notes the work, before the first change to a sample, unless samples are only taken out. Throws
  // UsageError where another command was stopped, and this one would not do all that it left.
  void begin(const Work& work);
  // Of work that makes samples from the archive: notes which of all, or of the shard's, are to be
  // made, before the first of them is.
  void note_to_make(const std::vector<std::string>& ids);

  bool has_joined() const;
  // Lets other shards in.
  void share();

  // A cache that knows which files are as recorded; it has to live until finish(). Without one they
  // are read.
  void use(Cache& cache);

  // Whether the same command was stopped before it had come to this sample.
  bool was_left(const std::string& id) const;

  // folder: of the sample, below the dataset; empty: it has no files. Throws BadInput, also where a
  // link is in the way.
  StagedSample stage(const std::string& id, const std::filesystem::path& folder);

  // Takes a sample out: its files, then its record. Throws BadInput where a link is in the way.
  Committed remove(const SampleRecord& record);

  // A file of the own folder that belongs to the truth: `recipe.yaml`, `dataset.json`.
  void put_own_file(const std::filesystem::path& file, std::string_view text);

  // All samples are done: clears commit/, writes SHA256SUMS, and forgets the work, but not the
  // samples that the same command had left and that are none of this one's: that is told. A shard
  // notes that it has nothing to make any more, and leaves the rest to the plain run after it.
  void finish();

 private:
  friend class StagedSample;
  struct State;
  std::unique_ptr<State> state_;
};

// Completes what a stopped command had decided and drops what it had not, if there is anything
// decided and nobody else is at work; for commands that only read. Gives a sentence for each file
// that was left as it is. Throws MachineError on a disk that cannot be written to.
std::vector<std::string> recover(const std::filesystem::path& dataset, Listener& listener);

// Whether a stopped command, or one that is at work, has a decided change that is not in place yet.
bool has_decided_changes(const std::filesystem::path& dataset);

}  // namespace nicohort
