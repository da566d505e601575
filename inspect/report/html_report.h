#pragma once
#include <string>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// render_html returns the sessions as one HTML page: the findings first, both handshakes side by
/// side, then the rest of what the text report says. It loads nothing, runs nothing and says so to
/// the browser (Content-Security-Policy); it can be printed. Nothing that a peer sent reaches it as
/// markup or as a control character.
std::string render_html(const std::vector<SessionReport>& sessions);

}  // namespace visavis::inspect
