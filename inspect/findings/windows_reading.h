#pragma once
#include <optional>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// read_as_windows predicts what Windows would log of a session that failed, on the client's side
/// and on the backend's, from its leading finding and from the alerts that went over the leg on
/// which it failed. Nothing for a session that did not fail. The session's findings must be ranked.
std::optional<WindowsReading> read_as_windows(const SessionReport& session);

}  // namespace visavis::inspect
