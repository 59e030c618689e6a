// A new file that is being written.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/sha256.hpp"

namespace nicohort {

// Hashed as it is written. Nothing is on the disk for sure before flush(). Who makes it removes it.
// Throws MachineError.
class OutputFile {
 public:
  // There must be no file of this name, nor a link.
  explicit OutputFile(const std::filesystem::path& path, mode_t mode = 0666);
  virtual ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Throws Interrupted if a signal has come.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  // The same, whatever signal has come.
  void write_on(std::span<const std::byte> bytes);

  // Brings what was written to the disk. Gives its SHA-256. Nothing may be written after it. One
  // that failed fails again: a second fsync says that all is well.
  virtual const std::string& flush();
  // What was written, after flush().
  const std::string& sha256() const { return sha256_; }

  // After flush(). Some disks say only here that they are full.
  void close();

  // The owner, by its user ID, stays; who cannot be made owner is not: it decides nothing.
  void give_to_group(gid_t group);
  void set_mode(mode_t mode);

  const std::filesystem::path& path() const { return path_; }

 protected:
  OutputFile() = default;

  std::filesystem::path path_;  // that errors name
  int descriptor_ = -1;

 private:
  bool has_failed_ = false;
  Sha256 hash_;
  std::string sha256_;
};

// Text that comes in many small pieces, written to a file in large ones.
class SmallPieces {
 public:
  explicit SmallPieces(OutputFile& file) : file_(file) {}

  void write(std::string_view text);
  void finish();  // writes what is left

 private:
  static constexpr std::size_t enough = std::size_t{1} << 18;
  OutputFile& file_;
  std::string waiting_;
};

}  // namespace nicohort
