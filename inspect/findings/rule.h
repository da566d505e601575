#pragma once
#include <optional>
#include <string_view>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// Rule is one cause: its id and the function that finds it in a session, or does not. `found` is
/// what the rules above it in the table found: for those that speak only where nobody else does.
struct Rule {
  std::string_view id;
  std::string_view kind;  ///< of finding_kind
  std::optional<FindingReport> (*diagnose)(const SessionReport& session, const Findings& found);
};

std::optional<FindingReport> diagnose_our_hello_refused(const SessionReport& session);
std::optional<FindingReport> diagnose_plaintext_on_tls_port(const SessionReport& session);
std::optional<FindingReport> diagnose_wrong_protocol_on_port(const SessionReport& session);
std::optional<FindingReport> diagnose_backend_unreachable(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_version(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_cipher(const SessionReport& session);
std::optional<FindingReport> diagnose_fragmented_handshake(const SessionReport& session);
std::optional<FindingReport> diagnose_bad_server_hello(const SessionReport& session);
std::optional<FindingReport> diagnose_hello_retry_loop(const SessionReport& session);
std::optional<FindingReport> diagnose_hello_retry_unsupported(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_group(const SessionReport& session);
std::optional<FindingReport> diagnose_no_common_signature(const SessionReport& session);
std::optional<FindingReport> diagnose_dh_too_small(const SessionReport& session);
std::optional<FindingReport> diagnose_sni_refused(const SessionReport& session);
std::optional<FindingReport> diagnose_sni_malformed(const SessionReport& session);
std::optional<FindingReport> diagnose_sni_missing(const SessionReport& session,
                                                  const Findings& found);
std::optional<FindingReport> diagnose_default_certificate(const SessionReport& session,
                                                          const Findings& found);
std::optional<FindingReport> diagnose_alpn_mismatch(const SessionReport& session);
std::optional<FindingReport> diagnose_hello_intolerance(const SessionReport& session);
std::optional<FindingReport> diagnose_renegotiation_info_missing(const SessionReport& session);
std::optional<FindingReport> diagnose_renegotiation_refused(const SessionReport& session);
std::optional<FindingReport> diagnose_weak_cipher(const SessionReport& session);
std::optional<FindingReport> diagnose_static_rsa_only(const SessionReport& session);
std::optional<FindingReport> diagnose_dhe_only(const SessionReport& session);
std::optional<FindingReport> diagnose_unexpected_h2(const SessionReport& session);
std::optional<FindingReport> diagnose_no_server_hello(const SessionReport& session);
std::optional<FindingReport> diagnose_client_certificate_wanted(const SessionReport& session);
std::optional<FindingReport> diagnose_issuer_list_too_long(const SessionReport& session);
std::optional<FindingReport> diagnose_client_rejected_our_certificate(const SessionReport& session);
std::optional<FindingReport> diagnose_repeated_fault_refused(const SessionReport& session);
std::optional<FindingReport> diagnose_handshake_timeout(const SessionReport& session);
std::optional<FindingReport> diagnose_record_split_intolerance(const SessionReport& session);
std::optional<FindingReport> diagnose_resumption_failed(const SessionReport& session);
std::optional<FindingReport> diagnose_middlebox_compat(const SessionReport& session,
                                                       const Findings& found);
std::optional<FindingReport> diagnose_ems_mismatch(const SessionReport& session,
                                                   const Findings& found);
std::optional<FindingReport> diagnose_etm_mismatch(const SessionReport& session);
std::optional<FindingReport> diagnose_record_mac_failure(const SessionReport& session);
std::optional<FindingReport> diagnose_oversized_record(const SessionReport& session);
std::optional<FindingReport> diagnose_misdirected_request(const SessionReport& session);
std::optional<FindingReport> diagnose_key_does_not_match(const SessionReport& session);
std::optional<FindingReport> diagnose_expired(const SessionReport& session);
std::optional<FindingReport> diagnose_not_yet_valid(const SessionReport& session);
std::optional<FindingReport> diagnose_name_mismatch(const SessionReport& session);
std::optional<FindingReport> diagnose_self_signed(const SessionReport& session);
std::optional<FindingReport> diagnose_untrusted_root(const SessionReport& session);
std::optional<FindingReport> diagnose_incomplete_chain(const SessionReport& session);
std::optional<FindingReport> diagnose_wrong_usage(const SessionReport& session);
std::optional<FindingReport> diagnose_revoked(const SessionReport& session);
std::optional<FindingReport> diagnose_stale_staple(const SessionReport& session);
std::optional<FindingReport> diagnose_foreign_staple(const SessionReport& session);
std::optional<FindingReport> diagnose_must_staple_missing(const SessionReport& session);
std::optional<FindingReport> diagnose_certificate_message_too_large(const SessionReport& session);
std::optional<FindingReport> diagnose_interception_signs(const SessionReport& session);
std::optional<FindingReport> diagnose_unreadable_certificate(const SessionReport& session);
std::optional<FindingReport> diagnose_name_constraint(const SessionReport& session);
std::optional<FindingReport> diagnose_bad_signature(const SessionReport& session);
std::optional<FindingReport> diagnose_path_length(const SessionReport& session);
std::optional<FindingReport> diagnose_unknown_critical_extension(const SessionReport& session);
std::optional<FindingReport> diagnose_key_usage(const SessionReport& session);
std::optional<FindingReport> diagnose_weak_signature(const SessionReport& session);
std::optional<FindingReport> diagnose_weak_key(const SessionReport& session);
std::optional<FindingReport> diagnose_expired_cross_signed_root(const SessionReport& session);
std::optional<FindingReport> diagnose_wrong_order_chain(const SessionReport& session);
std::optional<FindingReport> diagnose_ca_as_leaf(const SessionReport& session);
std::optional<FindingReport> diagnose_root_included(const SessionReport& session);
std::optional<FindingReport> diagnose_unrelated_certificates(const SessionReport& session);
std::optional<FindingReport> diagnose_alert_during_data(const SessionReport& session,
                                                        const Findings& found);
std::optional<FindingReport> diagnose_reset_after_request(const SessionReport& session,
                                                          const Findings& found);
std::optional<FindingReport> diagnose_truncation(const SessionReport& session,
                                                 const Findings& found);
std::optional<FindingReport> diagnose_closed_after_request(const SessionReport& session,
                                                           const Findings& found);
std::optional<FindingReport> diagnose_request_unanswered(const SessionReport& session,
                                                         const Findings& found);
std::optional<FindingReport> diagnose_alert_unexplained(const SessionReport& session,
                                                        const Findings& found);

}  // namespace visavis::inspect
