// The checksums of a dataset's files in one list, `{dataset}/.nicohort/SHA256SUMS`, as
// `cd {dataset} && sha256sum -c .nicohort/SHA256SUMS` reads it: the samples' files, from their
// records, and the tables, from dataset.json. It is derived: it can be deleted at any time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/output_file.hpp"

namespace nicohort {

using Checksums = std::map<std::string, std::string>;  // SHA-256 by path below the dataset

// What the list has to say, line by line: of all records that can be read, and of the tables. A
// damaged dataset.json is passed over: verify is who complains of it.
void write_recorded_checksums(const std::filesystem::path& dataset, OutputFile& file);
Checksums recorded_checksums(const std::filesystem::path& dataset);

// Whether the list says just this.
bool is_list_right(const std::filesystem::path& dataset);

// Empty if there is no list. Throws BadInput for one that is damaged, or a link.
Checksums read_checksums(const std::filesystem::path& dataset);

// Makes the list anew. Throws BadInput for one that leads out of the dataset, MachineError.
void write_checksums(const std::filesystem::path& dataset);

// While it lives, this process is at work on the dataset, and writes the list at the end.
class ChecksumsAtEnd {
 public:
  explicit ChecksumsAtEnd(const std::filesystem::path& dataset);
  ~ChecksumsAtEnd();
  ChecksumsAtEnd(const ChecksumsAtEnd&) = delete;
  ChecksumsAtEnd& operator=(const ChecksumsAtEnd&) = delete;

 private:
  std::filesystem::path dataset_;
};

// Calls change(), after which the list has to say something else: makes it anew, or, where that is
// for the end, removes it first. Throws as write_checksums() does.
void change_listed(const std::filesystem::path& dataset, const std::function<void()>& change);

}  // namespace nicohort
