// The libraries that decide which bytes are written.
#pragma once

#include <string>

#include "base/gzip.hpp"

namespace nicohort {

// `ISA-L 2.30.0, zlib 1.2.13, libpng 1.6.39, OpenSSL 3.0.17`
std::string codec_versions();
// The one that compresses images so: `ISA-L 2.30.0`, `zlib 1.2.13`.
std::string codec_of(Compression compression);

}  // namespace nicohort
