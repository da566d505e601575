#pragma once
#include <vector>

#include "inspect/report/finding_report.h"
#include "inspect/report/session_report.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {

/// render_summary adds one line a finding: how bad, what, and who must change. For the top of a
/// report.
void render_summary(const std::vector<FindingReport>& findings, TextPage& page);

/// render_findings adds every finding in full, or the line "no findings".
void render_findings(const std::vector<FindingReport>& findings, TextPage& page);

/// render_windows adds what Windows, the browsers and Java would say of a failed session.
void render_windows(const SessionReport& session, TextPage& page);

}  // namespace visavis::inspect
