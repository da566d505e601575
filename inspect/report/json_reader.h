#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// read_session_json reads back what render_json wrote: `render_json` and `render_text` of the
/// result are the same, letter for letter. Fields that it does not know are skipped; every field of
/// the contract must be there. Never throws. Without a session, `*problem` (may be null) gets one
/// line: "line 1 column 230: incomplete JSON" or "field client_leg.alerts[2].event: the number does
/// not fit".
std::optional<SessionReport> read_session_json(std::string_view text, std::string* problem);

}  // namespace visavis::inspect
