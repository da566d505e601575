#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "inspect/findings/rule_table.h"
#include "proxy/leg_facts.h"
#include "tests/inspect/leg_script.h"
#include "tests/support/test_certificates.h"

namespace visavis::inspect {

/// Judged is a session whose backend sends real certificates, judged by OpenSSL through
/// certs::ChainCheck, for `host` and at testing::kNow unless a test says otherwise.
struct Judged {
  std::vector<testing::Der> sent;
  const testing::TestCertificate* root = nullptr;  ///< in our store; null: an empty store
  std::string host = "www.example.com";            ///< SNI; empty: none
  std::string backend = "www.example.com:443";
  std::int64_t now_s = testing::kNow;
  std::string started = "2027-01-15T08:00:00.250Z";
  const testing::TestCertificate* corporate_root = nullptr;  ///< in a store of its own

  [[nodiscard]] LegReport judged(LegScript leg) const {
    certs::TrustStores stores(certs::SystemStore::skip);
    if (root != nullptr) stores.add_certificate(root->certificate());
    const testing::TemporaryDirectory folder;
    if (corporate_root != nullptr)
      stores.add_named("corporate", folder.write("root.pem", corporate_root->pem()));
    certs::ChainCheck check(stores);
    certs::CertificateFactsCache facts;
    const proxy::ProxyOptions options;
    proxy::ReportServices services{options, check, facts};
    Transcript transcript;
    transcript.certificates = sent;
    LegReport report = leg.leg();
    proxy::add_certificate_facts(transcript, services, report);
    const std::string checked = host.empty() ? backend.substr(0, backend.rfind(':')) : host;
    proxy::add_chain_verdict(transcript, checked, now_s, services, report);
    return report;
  }

  /// Both legs established: only the chain is left to object to.
  [[nodiscard]] SessionReport session() const {
    LegScript client = LegScript::client_leg();
    client.hello({0x1301}).server_hello(0x0304, 0x1301).established();
    LegScript backend_script = LegScript::backend_leg();
    backend_script.hello({0x1301}).server_hello(0x0304, 0x1301).certificate({}).established();
    return complete(session_of(client.leg(), judged(backend_script)));
  }

  /// Passed through in TLS 1.2, where the certificates are in clear; the client may object.
  [[nodiscard]] SessionReport passed(std::optional<std::uint8_t> clients_alert = {}) const {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).certificate({});
    if (clients_alert)
      leg.alert("client", *clients_alert).close("client", "fin");
    else
      leg.established();
    return complete(passed_session(judged(leg)));
  }

 private:
  [[nodiscard]] SessionReport complete(SessionReport session) const {
    session.backend = backend;
    session.started = started;
    session.sni.reset();
    for (auto* leg : {&session.client_leg, &session.direct_leg}) {
      if (!*leg || !(*leg)->client_hello) continue;
      (*leg)->client_hello->sni.reset();
      if (!host.empty()) (*leg)->client_hello->sni = host;
    }
    if (!host.empty()) session.sni = host;
    return session;
  }
};

/// lines lists "ID SIDE SEVERITY CONFIDENCE" of all findings, in the table's order, and holds each
/// of them to be complete.
inline std::vector<std::string> lines(const SessionReport& session) {
  std::vector<std::string> all;
  for (const FindingReport& finding : diagnose_session(session)) {
    expect_complete(finding);
    expect_evidence_exists(session, finding);
    all.push_back(finding.id + ' ' + finding.side + ' ' + finding.severity + ' ' +
                  finding.confidence);
  }
  return all;
}

using Lines = std::vector<std::string>;

}  // namespace visavis::inspect
