#pragma once
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Misfit is what a backend's bare handshake_failure most likely is about. No alert says it; the
/// offer does: what every implementation has is hardly missing at the backend, so a client that
/// lacks just that is what did not fit. A client that offers to resume a session had a handshake
/// with this name before: what it offered then did fit.
enum class Misfit : std::uint8_t { suites, group, signature, master_secret, earlier_session };

/// likeliest_misfit judges by the client's offer. Group and signature are named only where the
/// suites are so ordinary that any backend of these versions has one of them, for both kinds of
/// certificates. Mandatory to implement: RFC 8446 9.1, RFC 8422 5.1.1.
Misfit likeliest_misfit(const ClientHelloReport& offer);

/// misfit_of_refusal is likeliest_misfit where the backend refused the hello by handshake_failure
/// before any answer, and our own hello, where it is ours, repeats the client's groups and schemes;
/// else `suites`.
Misfit misfit_of_refusal(const SessionReport& session);

}  // namespace visavis::inspect
