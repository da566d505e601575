#pragma once
#include <string_view>
#include <vector>

#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// rules is all that we can say, one line each, most telling first.
const std::vector<Rule>& rules();

/// diagnose_session runs every rule over a session whose legs and mirror are known.
std::vector<FindingReport> diagnose_session(const SessionReport& session);

}  // namespace visavis::inspect
