// The layouts of archives that are known, each in a file of its name. A function gives a draft if
// the images lie as in its layout.
#pragma once

#include <optional>

#include "propose/draft.hpp"

namespace nicohort {

// nnU-Net raw data, Medical Segmentation Decathlon, and what is laid out alike: imagesTr,
// labelsTr, imagesTs, dataset.json.
std::optional<Draft> propose_images_tr(const ArchiveFiles& files);
// BIDS: sub-01/ses-01/anat/sub-01_ses-01_T1w.nii.gz, masks in derivatives.
std::optional<Draft> propose_bids(const ArchiveFiles& files);
// Any other, such as TotalSegmentator's: by what varies in the names of files and folders.
std::optional<Draft> propose_by_names(const ArchiveFiles& files);
// Folders that have another layout each, by the names of their files: their patterns joined by
// optional pieces, if that is easy, else those of the folder with most images.
std::optional<Draft> propose_by_folders(const ArchiveFiles& files);

}  // namespace nicohort
