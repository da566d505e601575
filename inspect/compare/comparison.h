#pragma once
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// compare_legs lays client leg and backend leg side by side, aspect by aspect: what was offered,
/// what was agreed, the certificate, how it ended. Each row says whether the proxy mirrored the
/// value, made it itself (ours), or a peer chose it. Aspects that neither leg has are left out.
std::vector<ComparisonRow> compare_legs(const SessionReport& session);

/// version_range returns the offered versions in words: "TLS 1.2 to TLS 1.3", "up to TLS 1.2".
std::string version_range(const ClientHelloReport& hello);

}  // namespace visavis::inspect
