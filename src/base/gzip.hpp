// Streams of bytes from files, plain or gzip (RFC 1952), over ISA-L.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace nicohort {

// Reads a file from front to back; gzip is recognised by its first bytes, not by the name, and may
// have several members (and zeros behind the last). Checksums and lengths are checked as members
// end. Throws BadInput on damage.
class ByteReader {
 public:
  explicit ByteReader(const std::filesystem::path& path, bool hashed = false);
  ~ByteReader();
  ByteReader(ByteReader&&) noexcept;

  bool is_gzip() const;

  // Fills `into` as far as the file reaches; less than its size only at the end of the file.
  std::size_t read(std::span<std::byte> into);

  // The last four bytes of a gzip file: the length of its last member modulo 2^32. 0 if not gzip.
  std::uint32_t last_member_length() const;

  // SHA-256 of the file itself, if it is `hashed` and was read to its end. Once.
  std::string sha256();

  // Bytes of the file itself on the disk.
  std::uint64_t file_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
