#pragma once
#include "inspect/report/leg_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// summarize_leg turns a leg's transcript into its report: outcome, how far it came, what was
/// agreed, the hellos, events and ledger. Certificates' facts and the chain's verdict are added by
/// who can read certificates. A leg that neither ended nor
/// came through its handshake (a capture cut) is incomplete.
LegReport summarize_leg(const Transcript& transcript);

/// summarize_hello turns a ClientHello into the contract's HELLO; segments are left empty.
ClientHelloReport summarize_hello(const ClientHello& hello);

}  // namespace visavis::inspect
