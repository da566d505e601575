#pragma once
#include <vector>

#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// rules is all that we can say, one line each, most telling first. The last one speaks only where
/// the others are silent.
const std::vector<Rule>& rules();

/// diagnose_session runs every rule over a session whose legs and mirror are known. What it finds
/// is not ranked yet (rank.h). Of a healthy session it allocates nothing.
Findings diagnose_session(const SessionReport& session);

}  // namespace visavis::inspect
