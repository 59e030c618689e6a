// What is known of files that have not changed since: a cache as git's index is one. It decides
// nothing; deleting it costs time only. `{dataset}/.nicohort/cache/`, a file a process.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "dataset/file_state.hpp"
#include "image/header.hpp"

namespace nicohort {

// Any thread. Keys are paths as the caller names files: `archive/…`, `grouped/…`.
class Cache {
 public:
  enum class Headers { kept, left };  // left: for who needs none and does not call save()

  // Reads what there is in the dataset's cache; damaged lines are passed over.
  explicit Cache(const std::filesystem::path& dataset, Headers headers = Headers::kept);
  ~Cache();

  // What is known of the file if its state is `now`; nothing, or nullptr, if that is nothing.
  std::optional<std::string> sha256(const std::string& key, const FileState& now) const;
  std::shared_ptr<const Header> header(const std::string& key, const FileState& now) const;
  // now: before the file was read. A file that is younger than two ticks of the clock is not taken:
  // it may change again within the tick, and its state would stay.
  void put_sha256(const std::string& key, const FileState& now, const std::string& sha256);
  // Of a file that this process wrote; now: when it had its name. It may be as young as it is.
  void put_written(const std::string& key, const FileState& now, const std::string& sha256);
  void put_header(const std::string& key, const FileState& now,
                  std::shared_ptr<const Header> header);

  // Of who needs no header any more, and does not call save().
  void forget_headers();

  // A text under a name, for what is not of one file: `run`.
  std::string note(const std::string& name) const;
  void put_note(const std::string& name, const std::string& text);

  // Writes all that is known into a file of this process, and removes the files that it was read
  // from. Errors of the disk are passed over: it is a cache.
  void save();
  // The same of what this process found out itself, if it is anything, beside the files that it was
  // read from: others are reading them, and each would write all of it. May be called again as more
  // is known.
  void save_news();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
