// Streams of bytes from and to files, plain or gzip (RFC 1952), over ISA-L and zlib.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace nicohort {

class OutputFile;

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

// What writing costs and gives; docs/benchmarks.md has figures.
enum class Compression {
  fast,      // ISA-L level 0: a tenth larger than balanced, a little faster
  balanced,  // ISA-L level 1: smaller than zlib's level 1 (nibabel's default) at several times its
             // speed
  small,     // zlib level 6: the smallest files, many times slower
};

// Writes gzip with an empty header (no time, no name), always as one member: browsers refuse what
// has several. The same bytes in give the same bytes out, however they are cut into calls, on every
// x86-64 CPU with SSE4.2: ISA-L's levels 0 to 2 and zlib do not depend on the vector width (ISA-L's
// level 3 does).
class GzipWriter {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;
  explicit GzipWriter(Sink sink, Compression compression = Compression::balanced);
  explicit GzipWriter(OutputFile& file, Compression compression = Compression::balanced);
  ~GzipWriter();

  void write(std::span<const std::byte> bytes);
  void finish();  // the trailer; commit() on the file is the caller's

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
