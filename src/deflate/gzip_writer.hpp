// Writes gzip (RFC 1952).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/handover.hpp"
#include "deflate/encoder.hpp"

namespace nicohort {

class OutputFile;

// What writing costs and gives; docs/benchmarks.md has figures.
enum class Compression {
  fast,      // ISA-L level 0: the largest files, for any content
  balanced,  // nicohort's own for voxels (voxel_encoder.hpp), ISA-L level 1 for what is none:
             // smaller than zlib's level 1 (nibabel's default) at many times its speed
  small,     // zlib level 6: the smallest files, many times slower
};

// Writes gzip with an empty header (no time, no name), always as one member: browsers refuse what
// has several. The same bytes in give the same bytes out, however they are cut into calls, on every
// x86-64 CPU with SSE4.2: ISA-L's levels 0 to 2 and zlib do not depend on the vector width (ISA-L's
// level 3 does). With more threads, one of its own encodes, and another one calls the sink; an
// error there comes out of a later write() or of finish().
class GzipWriter {
 public:
  explicit GzipWriter(ByteSink sink, Compression compression = Compression::balanced,
                      Threads threads = Threads::one);
  explicit GzipWriter(OutputFile& file, Compression compression = Compression::balanced,
                      Threads threads = Threads::one);
  ~GzipWriter();

  // What is written from here on, until this is called again. It matters only for time and size.
  void expect(Content content);
  void write(std::span<const std::byte> bytes);
  void finish();  // the trailer; commit() on the file is the caller's

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
