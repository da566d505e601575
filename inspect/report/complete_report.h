#pragma once
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// complete_report adds judgement to facts: with both legs, mirror and HTTP exchanges in place it
/// fills in what was not mirrored, the comparison, the findings and the verdict. Live sessions and
/// captures alike.
void complete_report(SessionReport& session);

}  // namespace visavis::inspect
