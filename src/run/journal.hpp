// The journal of a dataset's runs: what is finished, so that a run that was stopped can go on and
// an unchanged archive is not read again. A file of JSON lines, appended as samples finish; the
// last line of a key counts; a line that a crash cut off is passed over.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "nifti/header.hpp"
#include "run/outcome.hpp"

namespace nicohort {

// The manifests as they were written, and from what.
struct TablesRecord {
  std::string fingerprint;
  std::vector<FileRecord> outputs;
  std::vector<Problem> problems;
};

class Journal {
 public:
  // Whether an outcome can be of this sample: the journal may come from somebody else.
  using IsOwn = std::function<bool(const std::string& id, const Outcome& outcome)>;

  // Reads what there is, without samples that are not `is_own`, if that is given. Throws BadInput
  // if the file or its folder is a symbolic link.
  explicit Journal(std::filesystem::path file, const IsOwn& is_own = {});

  std::optional<Outcome> sample(const std::string& id) const;
  std::optional<Header> header(const FileRecord& file) const;
  std::optional<TablesRecord> tables() const { return tables_; }
  std::map<std::string, Outcome> samples() const { return samples_; }
  // What the names of patients depend on: the fingerprint of the key for pseudonyms; empty: none.
  const std::string& naming() const { return naming_; }

  // Any thread; the process may die when it returns.
  void put_sample(const std::string& id, const Outcome& outcome);
  void put_header(const FileRecord& file, const Header& header);  // on the disk with compact()
  void put_tables(const TablesRecord& tables);
  void put_naming(const std::string& naming);
  void remove_sample(const std::string& id);
  void forget_tables();

  // Writes the file anew, a line a key; headers only of files that were asked for or put.
  void compact();

 private:
  void append(const nlohmann::json& line);

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::string, Outcome> samples_;
  std::map<std::string, std::pair<FileRecord, Header>> headers_;
  mutable std::set<std::string> seen_;  // files whose headers were asked for or put
  std::optional<TablesRecord> tables_;
  std::string naming_;
};

}  // namespace nicohort
