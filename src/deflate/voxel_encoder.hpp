// Compresses an image by what its bytes are.
#pragma once

#include <memory>

#include "deflate/encoder.hpp"

namespace nicohort {

// Runs and voxels of whole numbers are encoded here. Everything else, block by block, goes through
// ISA-L's level 1, in the same member: its stream ends with an empty stored block, so that what
// comes next begins at a whole byte.
std::unique_ptr<Encoder> voxel_encoder();

// Increased when other bytes come out for the same voxels.
constexpr int voxel_encoder_version = 1;

}  // namespace nicohort
