#pragma once
#include "inspect/report/session_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// TwinOutcome is what a direct twin proves, by itself.
struct TwinOutcome {
  TwinReport report;
  /// False where the answer hangs on the moment (no connection, a stop, a second connection beside
  /// the session's own): it says nothing of the next session.
  bool holds_for_others = true;
};

/// judge_twin reads off the twin's transcript whether the client's own hello has an answer. Failed:
/// an alert, FIN, RST or silence in place of a whole first flight, or bytes that are not TLS. Ok:
/// what the ServerHello chooses (version, suite, group, compression, ALPN, extensions) lies within
/// what the client offers. Unknown: anything else, and a version below the legacy_version of a
/// hello without supported_versions, for such a hello hides the client's minimum. Ok is said of the
/// first flight only. DESIGN.md section 5.
TwinOutcome judge_twin(const Transcript& twin);

/// qualify_twin returns what of a twin's result holds for the direct connection of this session,
/// whose findings it needs. Ok becomes unknown where the session's own legs don't speak for the
/// client (another hello, answer or split than its own), where the client's judgement of the
/// backend's chain or the backend's of the client's certificate matters, and where the session
/// failed after the first flight. Failed becomes unknown where the hello names the proxy instead of
/// the backend.
TwinReport qualify_twin(const TwinReport& twin, const SessionReport& session);

/// twin_could_tell is true for a session without a twin (--twin never) for which one would be sent,
/// and whose answer, as far as can be told beforehand, would settle how the client fares directly.
bool twin_could_tell(const SessionReport& session);

}  // namespace visavis::inspect
