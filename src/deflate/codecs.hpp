// What decides which bytes are written.
#pragma once

#include <string>

#include "deflate/gzip_writer.hpp"

namespace nicohort {

// `voxel encoder 1, ISA-L 2.30.0, zlib 1.2.13, libpng 1.6.39, OpenSSL 3.0.17`
std::string codec_versions();
// What compresses images so: `voxel encoder 1, ISA-L 2.30.0`, `ISA-L 2.30.0`, `zlib 1.2.13`.
std::string codec_of(Compression compression);

}  // namespace nicohort
