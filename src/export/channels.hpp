// The channels of volumes as training frameworks call and normalise them.
#pragma once

#include <cstddef>
#include <string>

#include "base/listener.hpp"
#include "export/cohort.hpp"

namespace nicohort {

// With one channel the recipe's unit says it (HU); of several, which cannot all be told by one
// unit, the name does: `CT`, `CT_arterial`, in any case.
bool is_ct(const ExportCohort& cohort, std::size_t channel);
bool all_are_ct(const ExportCohort& cohort);

// Warns where volumes that look like CT are not called so, and would be normalised as MRI.
void warn_of_unknown_ct(const ExportCohort& cohort, Listener& listener);

}  // namespace nicohort
