// Brings the folder of an export to what its plan says.
#pragma once

#include <string>

#include "base/parallel.hpp"
#include "export/cohort.hpp"
#include "export/place.hpp"
#include "export/plan.hpp"

namespace nicohort {

struct LinkKinds {
  LinkKind first = LinkKind::reflink, last = LinkKind::copy;  // that are tried, in their order
  bool operator==(const LinkKinds&) const = default;
};

// Makes what is not there, or not as it was written, and removes what is of the export before. Says
// what was done. Throws UsageError for a folder of something else, and where an image cannot be
// made; MachineError.
void write_export(const ExportPlan& plan, const ExportCohort& cohort, LinkKinds links,
                  const Context& context);

}  // namespace nicohort
