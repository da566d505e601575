#include "inspect/findings/rule_table.h"

namespace visavis::inspect {
namespace {

/// Where it was found, what the backend said to our hello explains nothing about anybody else.
constexpr std::string_view kOurHelloRefused = "our-hello-refused";

constexpr std::string_view kOwn = finding_kind::kProxy;
constexpr std::string_view kConnection = finding_kind::kConnection;
constexpr std::string_view kCertificate = finding_kind::kCertificate;
constexpr std::string_view kObservation = finding_kind::kObservation;

using Alone = std::optional<FindingReport> (*)(const SessionReport&);

/// A rule that needs only the session.
template <Alone rule>
std::optional<FindingReport> by_itself(const SessionReport& session, const Findings&) {
  return rule(session);
}

/// Of the rules about certificates, the one that looks for what may lie in a gap.
constexpr std::string_view kMustStapleMissing = "must-staple-missing";

bool has_gap(const std::optional<LegReport>& leg) {
  return leg && leg->capture && leg->capture->gap();
}

/// Where a capture lacks bytes, only what is there tells anything: certificates, and what was
/// agreed on. How a connection ended, and what nobody answered, may be hidden in the gap.
bool holds_despite_gap(const Rule& rule) {
  return (rule.kind == finding_kind::kCertificate && rule.id != kMustStapleMissing) ||
         rule.kind == finding_kind::kObservation;
}

}  // namespace

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table{
      // What is our own doing ...
      {kOurHelloRefused, kOwn, by_itself<diagnose_our_hello_refused>},
      // ... what ends a connection ...
      {"plaintext-on-tls-port", kConnection, by_itself<diagnose_plaintext_on_tls_port>},
      {"wrong-protocol-on-port", kConnection, by_itself<diagnose_wrong_protocol_on_port>},
      {"backend-unreachable", kConnection, by_itself<diagnose_backend_unreachable>},
      {"fragmented-handshake", kConnection, by_itself<diagnose_fragmented_handshake>},
      {"no-common-version", kConnection, by_itself<diagnose_no_common_version>},
      {"bad-server-hello", kConnection, by_itself<diagnose_bad_server_hello>},
      {"middlebox-compat", kConnection, diagnose_middlebox_compat},
      {"hello-retry-loop", kConnection, by_itself<diagnose_hello_retry_loop>},
      {"hello-retry-unsupported", kConnection, by_itself<diagnose_hello_retry_unsupported>},
      {"no-common-group", kConnection, by_itself<diagnose_no_common_group>},
      {"no-common-signature", kConnection, by_itself<diagnose_no_common_signature>},
      {"no-common-cipher", kConnection, by_itself<diagnose_no_common_cipher>},
      {"dh-too-small", kConnection, by_itself<diagnose_dh_too_small>},
      {"sni-refused", kConnection, by_itself<diagnose_sni_refused>},
      {"sni-malformed", kConnection, by_itself<diagnose_sni_malformed>},
      {"alpn-mismatch", kConnection, by_itself<diagnose_alpn_mismatch>},
      {"unexpected-h2", kConnection, by_itself<diagnose_unexpected_h2>},
      {"renegotiation-info-missing", kConnection, by_itself<diagnose_renegotiation_info_missing>},
      {"hello-intolerance", kConnection, by_itself<diagnose_hello_intolerance>},
      {"no-server-hello", kConnection, by_itself<diagnose_no_server_hello>},
      {"client-certificate-wanted", kConnection, by_itself<diagnose_client_certificate_wanted>},
      {"issuer-list-too-long", kConnection, by_itself<diagnose_issuer_list_too_long>},
      {"client-rejected-our-certificate", kOwn,
       by_itself<diagnose_client_rejected_our_certificate>},
      {"repeated-fault-refused", kConnection, by_itself<diagnose_repeated_fault_refused>},
      {"handshake-timeout", kConnection, by_itself<diagnose_handshake_timeout>},
      {"record-split-intolerance", kConnection, by_itself<diagnose_record_split_intolerance>},
      {"resumption-failed", kConnection, by_itself<diagnose_resumption_failed>},
      {"ems-mismatch", kConnection, diagnose_ems_mismatch},
      {"etm-mismatch", kConnection, by_itself<diagnose_etm_mismatch>},
      {"renegotiation-refused", kConnection, by_itself<diagnose_renegotiation_refused>},
      {"record-mac-failure", kConnection, by_itself<diagnose_record_mac_failure>},
      {"oversized-record", kConnection, by_itself<diagnose_oversized_record>},
      {"misdirected-request", kObservation, by_itself<diagnose_misdirected_request>},
      {"key-does-not-match", kConnection, by_itself<diagnose_key_does_not_match>},
      // ... what is wrong with the backend's certificates ...
      {"expired", kCertificate, by_itself<diagnose_expired>},
      {"not-yet-valid", kCertificate, by_itself<diagnose_not_yet_valid>},
      {"name-mismatch", kCertificate, by_itself<diagnose_name_mismatch>},
      {"self-signed", kCertificate, by_itself<diagnose_self_signed>},
      {"untrusted-root", kCertificate, by_itself<diagnose_untrusted_root>},
      {"incomplete-chain", kCertificate, by_itself<diagnose_incomplete_chain>},
      {"wrong-usage", kCertificate, by_itself<diagnose_wrong_usage>},
      {"revoked", kCertificate, by_itself<diagnose_revoked>},
      {"unreadable-certificate", kCertificate, by_itself<diagnose_unreadable_certificate>},
      {"bad-signature", kCertificate, by_itself<diagnose_bad_signature>},
      {"name-constraint", kCertificate, by_itself<diagnose_name_constraint>},
      {"path-length", kCertificate, by_itself<diagnose_path_length>},
      {"unknown-critical-extension", kCertificate, by_itself<diagnose_unknown_critical_extension>},
      {"key-usage", kCertificate, by_itself<diagnose_key_usage>},
      {"weak-signature", kCertificate, by_itself<diagnose_weak_signature>},
      {"weak-key", kCertificate, by_itself<diagnose_weak_key>},
      {"expired-cross-signed-root", kCertificate, by_itself<diagnose_expired_cross_signed_root>},
      {"wrong-order-chain", kCertificate, by_itself<diagnose_wrong_order_chain>},
      {"ca-as-leaf", kCertificate, by_itself<diagnose_ca_as_leaf>},
      {"stale-staple", kCertificate, by_itself<diagnose_stale_staple>},
      {"foreign-staple", kCertificate, by_itself<diagnose_foreign_staple>},
      {"must-staple-missing", kCertificate, by_itself<diagnose_must_staple_missing>},
      {"certificate-message-too-large", kCertificate,
       by_itself<diagnose_certificate_message_too_large>},
      {"interception-signs", kCertificate, by_itself<diagnose_interception_signs>},
      {"weak-cipher", kObservation, by_itself<diagnose_weak_cipher>},
      {"static-rsa-only", kObservation, by_itself<diagnose_static_rsa_only>},
      {"dhe-only", kObservation, by_itself<diagnose_dhe_only>},
      {"root-included", kObservation, by_itself<diagnose_root_included>},
      {"unrelated-certificates", kObservation, by_itself<diagnose_unrelated_certificates>},
      {"sni-missing", kConnection, diagnose_sni_missing},
      {"default-certificate", kObservation, diagnose_default_certificate},
      // ... how a connection ended that nothing above explains ...
      {"alert-during-data", kConnection, diagnose_alert_during_data},
      {"reset-after-request", kConnection, diagnose_reset_after_request},
      {"truncation", kConnection, diagnose_truncation},
      {"closed-after-request", kConnection, diagnose_closed_after_request},
      {"request-unanswered", kConnection, diagnose_request_unanswered},
      // ... and what none of these explains.
      {"alert-unexplained", kConnection, diagnose_alert_unexplained},
  };
  return table;
}

Findings diagnose_session(const SessionReport& session) {
  Findings findings;
  const bool gap =
      has_gap(session.client_leg) || has_gap(session.backend_leg) || has_gap(session.direct_leg);
  for (const Rule& rule : rules()) {
    if (gap && !holds_despite_gap(rule)) continue;
    const bool ours = !findings.empty() && findings.front().id == kOurHelloRefused;
    if (ours && rule.kind != finding_kind::kCertificate) continue;
    if (auto finding = rule.diagnose(session, findings)) {
      finding->id = rule.id;
      finding->kind = rule.kind;
      findings.push_back(std::move(*finding));
    }
  }
  return findings;
}

}  // namespace visavis::inspect
