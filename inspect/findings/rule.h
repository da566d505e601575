#pragma once
#include <optional>
#include <string_view>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// Rule is one cause: its id and the function that finds it in a session, or does not.
struct Rule {
  std::string_view id;
  std::optional<FindingReport> (*diagnose)(const SessionReport& session);
};

std::optional<FindingReport> diagnose_plaintext_on_tls_port(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_version(const SessionReport& session);
std::optional<FindingReport> diagnose_no_server_hello(const SessionReport& session);
std::optional<FindingReport> diagnose_incomplete_chain(const SessionReport& session);

}  // namespace visavis::inspect
