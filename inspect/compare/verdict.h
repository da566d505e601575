#pragma once
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// judge_session answers: would it fail without us? It needs the session's legs, mirror and
/// findings.
///
/// `proxied` failed: a leg not established, a fatal alert, RST, or request data followed by a close
/// without one byte of response (over HTTP: a request without its response); or the client finished
/// the handshake and left because of our certificate. It is none where a capture does not show
/// enough of the legs to tell.
///
/// `direct` of a session that was passed through is read off its only leg (direct_outcome.h). Of a
/// terminated one it is what its direct twin proves (twin_outcome.h), and where there is none, or
/// it proves nothing, what the offer does (what the client offered against what the backend is
/// known to accept). By the offer it is ok only where the proxy's hello repeated the client's in
/// everything but padding, no client certificate was asked for, and the client has not turned our
/// own certificate down. It failed where a finding proves that the two have no version or suite in
/// common, where the backend speaks no TLS, and where the backend's own alert answers a hello that
/// repeats the client's in everything, the name included. Else it is unknown: of a backend that we
/// can't reach, too, for the client's machine may have another way.
VerdictReport judge_session(const SessionReport& session);

}  // namespace visavis::inspect
