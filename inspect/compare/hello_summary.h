#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/parse_error.h"
#include "inspect/report/leg_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// summarize_hello turns a ClientHello into the contract's HELLO; segments are left empty. What is
/// wrong with its extensions goes to `problems`, unless that is null.
ClientHelloReport summarize_hello(const ClientHello& hello,
                                  std::vector<ParseError>* problems = nullptr);

/// summarize_server_hello returns what the server of a leg answered, if anything. An SSL 2.0 server
/// has no random and chooses no cipher: that is the client's, once it has said so.
std::optional<ServerHelloReport> summarize_server_hello(const Transcript& transcript);

/// summarize_established returns what a leg agreed on, if its handshake came to its end.
std::optional<EstablishedReport> summarize_established(const Transcript& transcript);

}  // namespace visavis::inspect
