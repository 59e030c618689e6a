// A dataset as all commands read it: opened in one way, with what is wrong with it as a whole.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/listener.hpp"
#include "dataset/lock.hpp"
#include "dataset/samples.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

enum class DatasetUse {
  finished,  // locked, and refused if a command was stopped with samples left to do
  as_it_is,  // locked; what a stopped command left to do is told
  unlocked,  // as it is, for who holds the lock already, or needs none
};

struct OpenOptions {
  DatasetUse use = DatasetUse::as_it_is;
  std::filesystem::path recipe = {};  // a file or a built-in name, for a dataset that keeps none
  std::filesystem::path table = {};   // to be written: nobody else reads the dataset that it is in
  // Called with each record that can be read, by ID, for who needs something of all of them.
  std::function<void(const SampleRecord&)> look = {};
};

struct Dataset {
  std::filesystem::path root;
  Recipe recipe;                      // the one that it was made with, or the given or default one
  std::vector<FoundSample> samples;   // that have files, each in one folder; by ID. Records were
                                      // looked at
  std::vector<FoundSample> recorded;  // of which there is only a record
  std::vector<Problem> problems;      // unfinished work, damaged records, files that are gone
  std::string steps_differ;  // a sentence if masks were not all made by the same steps; else empty
  std::unique_ptr<DatasetLock> lock;  // others change it when this has gone

  // Completes first what a stopped command had decided; what was left as it is, is a warning. A
  // folder that no command of nicohort has worked in is neither locked nor written to. Throws
  // UsageError if there is no dataset, if it is above or below the folder, if a sample has two
  // folders, and for a given recipe that is not the dataset's; MachineError if a command is at
  // work.
  static Dataset open(const std::filesystem::path& root, const OpenOptions& options,
                      Listener& listener);
};

// The recipe that the dataset keeps; the given or default one if it keeps none. Throws UsageError
// as Dataset::open() does.
Recipe recipe_of_dataset(const std::filesystem::path& dataset,
                         const std::filesystem::path& given = {});
// The recipe of the dataset in whose folder the manifest lies; the given or default one if it lies
// in none, or that keeps none. Throws UsageError as Dataset::open() does.
Recipe recipe_of_manifest(const std::filesystem::path& manifest,
                          const std::filesystem::path& given = {});

// For a command that reads and writes tables only: locks the dataset in whose folder the manifest
// lies, alone, as open() does for a finished one. Gives nothing if it lies in none.
std::unique_ptr<DatasetLock> lock_dataset_of(const std::filesystem::path& manifest,
                                             Listener& listener);

}  // namespace nicohort
