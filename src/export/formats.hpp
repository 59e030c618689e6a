// The formats, each in a file of its name: which files it wants, where, and what its index says.
#pragma once

#include "export/cohort.hpp"
#include "export/export_dataset.hpp"
#include "export/plan.hpp"

namespace nicohort {

// Each adds to the findings what its format cannot hold; the plan is of use only without any.

// nnU-Net v2 (documentation/dataset_format.md there): `Dataset042_Name` in the output folder, and
// the folds in `nnUNet_preprocessed` beside it.
ExportPlan plan_nnunet(const ExportCohort& cohort, const ExportOptions& options,
                       const ExportLabels& labels, Findings& findings);
// A datalist of MONAI (monai.data.load_decathlon_datalist) and the input of its Auto3DSeg.
ExportPlan plan_monai(const ExportCohort& cohort, const ExportOptions& options,
                      const ExportLabels& labels, Findings& findings);
// Medical Segmentation Decathlon: `Task42_Name` in the output folder.
ExportPlan plan_msd(const ExportCohort& cohort, const ExportOptions& options,
                    const ExportLabels& labels, Findings& findings);
// A table for each subset, which names the dataset's own files.
ExportPlan plan_csv(const ExportCohort& cohort, const ExportOptions& options, Findings& findings);
// Brain Imaging Data Structure: raw data, and the masks as derivatives.
ExportPlan plan_bids(const ExportCohort& cohort, const ExportOptions& options, Findings& findings);

}  // namespace nicohort
