#pragma once
#include <optional>
#include <string_view>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// Rule is one cause: its id and the function that finds it in a session, or does not. `found` is
/// what the rules above it in the table found: for those that speak only where nobody else does.
struct Rule {
  std::string_view id;
  std::optional<FindingReport> (*diagnose)(const SessionReport& session, const Findings& found);
};

std::optional<FindingReport> diagnose_our_hello_refused(const SessionReport& session);
std::optional<FindingReport> diagnose_plaintext_on_tls_port(const SessionReport& session);
std::optional<FindingReport> diagnose_backend_unreachable(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_version(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_cipher(const SessionReport& session);
std::optional<FindingReport> diagnose_no_server_hello(const SessionReport& session);
std::optional<FindingReport> diagnose_client_certificate_wanted(const SessionReport& session);
std::optional<FindingReport> diagnose_client_rejected_our_certificate(const SessionReport& session);
std::optional<FindingReport> diagnose_handshake_timeout(const SessionReport& session);
std::optional<FindingReport> diagnose_record_split_intolerance(const SessionReport& session);
std::optional<FindingReport> diagnose_expired(const SessionReport& session);
std::optional<FindingReport> diagnose_not_yet_valid(const SessionReport& session);
std::optional<FindingReport> diagnose_name_mismatch(const SessionReport& session);
std::optional<FindingReport> diagnose_self_signed(const SessionReport& session);
std::optional<FindingReport> diagnose_untrusted_root(const SessionReport& session);
std::optional<FindingReport> diagnose_incomplete_chain(const SessionReport& session);
std::optional<FindingReport> diagnose_wrong_usage(const SessionReport& session);
std::optional<FindingReport> diagnose_alert_unexplained(const SessionReport& session,
                                                        const Findings& found);

}  // namespace visavis::inspect
