// The made-up patients of the demo archive and their clinical records.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "phantom/phantom.hpp"
#include "table/table.hpp"

namespace nicohort {

enum class Site { tongji, shiyan_taihe, xiangyang };
inline constexpr Site all_sites[] = {Site::tongji, Site::shiyan_taihe, Site::xiangyang};
std::string site_id(Site site);   // `TJ`, as file names begin
std::string site_dir(Site site);  // `tongji`, as folders are named

enum class Phase { pre, post };

struct Patient {
  Site site = Site::tongji;
  std::string pid;
  std::uint64_t key = 0;        // decides everything about the patient that is not named here
  int regression_grade = 0;     // 0: no tumour cell left (complete response) ... 3: poor response
  bool tilted = false;          // the table was tilted in the first scan: its image is oblique
  bool mask_displaced = false;  // the first scan's mask states a slightly different position
  Tumour before, after;         // therapy
};

// Patient number `index` of a site; the same arguments give the same patient. Every third is a
// complete responder, so that a demo of any size has both kinds.
Patient make_patient(std::uint64_t seed, Site site, int index);

// The records of one site's patients as its metadata sheet has them: key column `PID`, then the
// cohort's attributes. Shiyan-Taihe keeps its keys as numbers, as a spreadsheet does by itself.
Table clinical_table(std::span<const Patient> patients);

}  // namespace nicohort
