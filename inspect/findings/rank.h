#pragma once
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// rank_findings puts the session's findings in the order in which they are worth reading, and
/// gives each its role: of a session that failed, the one that explains it leads as its cause; all
/// others are observations, the worst first. Of a session that worked none is a cause. Where a
/// certificate is at fault and the failure does not show that it was for that, no finding leads.
void rank_findings(SessionReport& session);

}  // namespace visavis::inspect
