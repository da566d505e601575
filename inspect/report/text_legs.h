#pragma once
#include "inspect/report/session_report.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {

/// render_legs adds the legs face to face, row by row, "!=" between what differs, and the direct
/// leg below or, where nobody ended the TLS, alone. Rows of the comparison that no row of ours
/// shows get their own.
void render_legs(const SessionReport& session, TextPage& page);

}  // namespace visavis::inspect
