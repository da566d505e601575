#pragma once
#include <string>
#include <string_view>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// told is a finding in half a sentence: its title, and, where the two ends are what matters, both
/// of them.
std::string told(const FindingReport& finding);

/// headline is the session in a sentence or two: what happened, whose doing it was and, where the
/// verdict is unknown, how to find out. `why` is what a direct connection shows, for a session that
/// is one.
std::string headline(const SessionReport& session, const VerdictReport& verdict,
                     const std::string& why);

}  // namespace visavis::inspect
