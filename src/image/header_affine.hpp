// Where the header of an image places its voxels, and whether it says so in two ways (SPEC 3).
#pragma once

#include <string>

#include "image/geometry.hpp"
#include "image/nifti_fields.hpp"

namespace nicohort {

// By the sform, else the qform, else nibabel's base affine for files without either. The size, the
// spacing and the codes must be in `geometry`. Throws BadInput where the qform is impossible.
Affine affine_of(const NiftiFields& fields, const Geometry& geometry);

// Whether pixdim and the affine have different spacings.
bool contradicts_spacing(const Geometry& geometry);

// All that the header says in two ways, in words: spacing and affine, sform and qform. Empty: it
// does not. The affine counts.
std::string contradiction_of(const NiftiFields& fields, const Geometry& geometry);

// A unit of length that was hardly meant, since the spacing would be beyond that of medical images,
// in words; empty if all is well.
std::string doubtful_unit(const NiftiFields& fields, const Geometry& geometry);

}  // namespace nicohort
