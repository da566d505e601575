#pragma once
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// judge_session answers: would it fail without us? It needs the session's legs, mirror and
/// findings.
///
/// `proxied` failed: a leg not established, a fatal alert, RST, or request data followed by a close
/// without one byte of response (over HTTP: the last request without a response). `direct` is known
/// here from the offer alone (what the client offered against what the backend is known to accept).
/// It is ok only where the proxy's hello repeated the client's in everything but padding and no
/// client certificate was asked for; else unknown.
VerdictReport judge_session(const SessionReport& session);

}  // namespace visavis::inspect
