#pragma once
#include "inspect/compare/hello_summary.h"
#include "inspect/report/leg_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// summarize_leg turns a leg's transcript into its report: outcome, how far it came, what was
/// agreed, the hellos, events and ledger. Who can read certificates adds the facts of the server's
/// and the client's (`client_certificates` is empty, though there, until then), the names in
/// `certificate_request.issuers`, and the chain's verdict. A leg that neither ended nor came
/// through its handshake (a capture cut) is incomplete.
LegReport summarize_leg(const Transcript& transcript);

}  // namespace visavis::inspect
