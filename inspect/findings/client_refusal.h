#pragma once
#include <optional>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// client_refusal begins a finding on a client that turned down the certificate which the proxy
/// showed it, by an alert (proven) or by leaving without a word (likely).
std::optional<FindingReport> client_refusal(const SessionReport& session);

}  // namespace visavis::inspect
