#include "deflate/codecs.hpp"

#include <fmt/format.h>
#include <isa-l.h>
#include <openssl/crypto.h>
#include <png.h>
#include <zlib.h>

#include "deflate/voxel_encoder.hpp"

namespace nicohort {

std::string codec_of(Compression compression) {
  if (compression == Compression::small) return fmt::format("zlib {}", ::zlibVersion());
  if (compression == Compression::balanced)
    return fmt::format("voxel encoder {}, {}", voxel_encoder_version, codec_of(Compression::fast));
  return fmt::format("ISA-L {}.{}.{}", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
}

std::string codec_versions() {
  return fmt::format("{}, {}, libpng {}, OpenSSL {}", codec_of(Compression::balanced),
                     codec_of(Compression::small), ::png_get_libpng_ver(nullptr),
                     ::OpenSSL_version(OPENSSL_VERSION_STRING));
}

}  // namespace nicohort
