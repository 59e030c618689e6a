// Encoders that leave everything to a library, whatever the content.
#pragma once

#include <memory>

#include "deflate/encoder.hpp"

namespace nicohort {

std::unique_ptr<Encoder> isal_encoder(int level);
std::unique_ptr<Encoder> zlib_encoder(int level);

}  // namespace nicohort
