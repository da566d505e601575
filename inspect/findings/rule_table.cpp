#include "inspect/findings/rule_table.h"

#include "inspect/compare/headline.h"

namespace visavis::inspect {
namespace {

/// Where it was found, what the backend said to our hello explains nothing about anybody else.
constexpr std::string_view kOurHelloRefused = "our-hello-refused";

using Alone = std::optional<FindingReport> (*)(const SessionReport&);

/// A rule that needs only the session.
template <Alone rule>
std::optional<FindingReport> by_itself(const SessionReport& session, const Findings&) {
  return rule(session);
}

}  // namespace

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table{
      // What is our own doing ...
      {kOurHelloRefused, by_itself<diagnose_our_hello_refused>},
      // ... what ends a connection ...
      {"plaintext-on-tls-port", by_itself<diagnose_plaintext_on_tls_port>},
      {"backend-unreachable", by_itself<diagnose_backend_unreachable>},
      {"no-common-version", by_itself<diagnose_no_common_version>},
      {"no-common-cipher", by_itself<diagnose_no_common_cipher>},
      {"no-server-hello", by_itself<diagnose_no_server_hello>},
      {"client-certificate-wanted", by_itself<diagnose_client_certificate_wanted>},
      {"client-rejected-our-certificate", by_itself<diagnose_client_rejected_our_certificate>},
      {"handshake-timeout", by_itself<diagnose_handshake_timeout>},
      {"record-split-intolerance", by_itself<diagnose_record_split_intolerance>},
      // ... what is wrong with the backend's certificates ...
      {"expired", by_itself<diagnose_expired>},
      {"not-yet-valid", by_itself<diagnose_not_yet_valid>},
      {"name-mismatch", by_itself<diagnose_name_mismatch>},
      {"self-signed", by_itself<diagnose_self_signed>},
      {"untrusted-root", by_itself<diagnose_untrusted_root>},
      {"incomplete-chain", by_itself<diagnose_incomplete_chain>},
      {"wrong-usage", by_itself<diagnose_wrong_usage>},
      // ... and what none of these explains.
      {"alert-unexplained", diagnose_alert_unexplained},
  };
  return table;
}

Findings diagnose_session(const SessionReport& session) {
  Findings findings;
  for (const Rule& rule : rules()) {
    const bool ours = !findings.empty() && findings.front().id == kOurHelloRefused;
    if (ours && !is_about_chain(rule.id)) continue;
    if (auto finding = rule.diagnose(session, findings)) {
      finding->id = rule.id;
      findings.push_back(std::move(*finding));
    }
  }
  return findings;
}

}  // namespace visavis::inspect
