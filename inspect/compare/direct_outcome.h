#pragma once
#include <string>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// DirectOutcome is what the recorded direct connection shows.
struct DirectOutcome {
  enum class Result {
    ok,
    failed,
    unknown  ///< nothing was tried, or what can be seen of encrypted records does not decide it
  } result = Result::unknown;
  std::string why;  ///< the headline's words where no finding has better ones; one sentence
};

/// judge_direct reads off the direct leg of a session that nobody here ended the TLS of whether it
/// worked. Failed: the handshake did not come about although a hello was sent, a fatal alert, RST
/// before data went both ways, or a request and a close without an answer. Of a handshake without
/// any data that the client ends at once it says failed only where the backend's chain gives the
/// client a reason (a finding); else unknown, for a port check looks the same. In doubt: unknown.
DirectOutcome judge_direct(const SessionReport& session);

}  // namespace visavis::inspect
