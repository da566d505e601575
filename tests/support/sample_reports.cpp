#include "tests/support/sample_reports.h"

#include "inspect/codepoint/signature_scheme.h"
#include "inspect/compare/comparison.h"
#include "tests/support/sample_legs.h"

namespace visavis::test {
namespace {

using inspect::ComparisonRow;
using inspect::FindingReport;
using inspect::SessionReport;

SessionReport terminated_session(const std::string& id, const std::string& host) {
  SessionReport session;
  session.id = id;
  session.started = "2026-03-01T10:00:00.250Z";
  session.duration_ms = 41.5;
  session.client = "192.0.2.10:50312";
  session.listener = "127.0.0.1:8443";
  session.backend = host + ":443";
  session.backend_address = "198.51.100.7:443";
  session.sni = host;
  return session;
}

ComparisonRow compared(const std::string& aspect, const std::string& client,
                       const std::string& backend, const std::string& origin) {
  return {aspect, client, backend, client == backend ? "same" : "differs", origin};
}

std::string suites_of(const inspect::LegReport& leg) {
  std::string text;
  for (const inspect::CodePoint& suite : leg.client_hello->ciphers) {
    if (suite.name != "GREASE") text += (text.empty() ? "" : ", ") + suite.name;
  }
  return text;
}

FindingReport no_common_version() {
  FindingReport finding;
  finding.id = "no-common-version";
  finding.kind = inspect::finding_kind::kConnection;
  finding.role = inspect::finding_role::kCause;
  finding.severity = "error";
  finding.side = "backend";
  finding.confidence = "proven";
  finding.title = "client and backend have no TLS version in common";
  finding.cause =
      "The client offers TLS 1.1 to TLS 1.2. The backend answered with TLS 1.0, the only version "
      "it "
      "has, which the client refused.";
  finding.expected = "TLS 1.1 or TLS 1.2";
  finding.presented = "TLS 1.0";
  finding.remedy =
      "Enable TLS 1.2 on the backend. On Windows Server: SCHANNEL\\Protocols\\TLS 1.2\\Server, "
      "Enabled = 1 and DisabledByDefault = 0, then restart.";
  finding.judged_by = "client-alert";
  finding.evidence = {{"backend_leg", 3, "ServerHello selects TLS 1.0"},
                      {"client_leg", 7, "fatal protocol_version (70)"},
                      {"direct_leg", 3, "ServerHello selects TLS 1.0"}};
  finding.codes.alert = 70;
  finding.codes.hresult = "0x80090331";
  finding.codes.schannel_event = 36874;
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_UNSUPPORTED_VERSION";
  finding.source = "RFC 5246 7.2.2, E.1";
  return finding;
}

FindingReport incomplete_chain() {
  FindingReport finding;
  finding.id = "incomplete-chain";
  finding.kind = inspect::finding_kind::kCertificate;
  finding.role = inspect::finding_role::kObservation;
  finding.severity = "warning";
  finding.side = "backend";
  finding.confidence = "proven";
  finding.title = "the backend does not send its intermediate certificate";
  finding.cause =
      "The chain ends at the leaf. Browsers fetch or remember the missing certificate; curl, Java "
      "and "
      "most services do not, and refuse the connection.";
  finding.expected = "leaf, then CN=Example Issuing CA 2";
  finding.presented = "leaf only";
  finding.remedy =
      "Install the intermediate certificate on the backend and send it after the leaf.";
  finding.judged_by = "proxy-check";
  finding.evidence = {{"backend_leg", 4, "Certificate with 1 certificate"},
                      {"backend_leg", std::nullopt, "issuer not found in store system"}};
  finding.codes.x509 = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  finding.codes.hresult = "0x800b010a";
  finding.codes.java = "PKIX path building failed";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

/// seal makes a leg of what a proxy sees that does not end the TLS: no plaintext, and a server that
/// is the backend.
void seal(inspect::LegReport& leg) {
  for (inspect::RecordRow& record : leg.records) record.plaintext_length.reset();
  for (inspect::EventReport& event : leg.events)
    if (event.sender == "proxy") event.sender = "backend";
}

}  // namespace

SessionReport healthy_session() {
  SessionReport session = terminated_session("5f2a-0001", "shop.example.com");
  session.verdict = {"healthy", "ok", "ok", "twin", "Works through the proxy and without it."};
  session.client_leg = tls13_leg("192.0.2.10:50312", "127.0.0.1:8443", minted_chain());
  session.backend_leg = tls13_leg("192.0.2.1:41822", "198.51.100.7:443", public_chain());
  session.backend_leg->client_hello->extensions.resize(11);
  session.backend_leg->chain = inspect::ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  session.mirror.unmirrored = {
      {"backend_leg", "extension-order", "OpenSSL writes extensions in an order of its own"},
      {"backend_leg", "grease", "OpenSSL does not send GREASE values"}};
  session.comparison = {
      compared("version", "TLS 1.3", "TLS 1.3", "mirrored"),
      compared("suite", "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "mirrored"),
      compared("group", "x25519", "x25519", "mirrored"), compared("ALPN", "h2", "h2", "mirrored"),
      compared("certificate", "CN=shop.example.com,O=Example Shop,C=US",
               "CN=shop.example.com,O=Example Shop,C=US", "ours")};
  session.http = {{"h2", "GET", "/cart?id=***", 200, 0, 18211, 22.4}};
  session.client_to_backend_bytes = 612;
  session.backend_to_client_bytes = 18530;
  return session;
}

SessionReport no_common_version_session() {
  SessionReport session = terminated_session("5f2a-0002", "legacy.example.com");
  session.duration_ms = 8.125;
  session.verdict = {"fails-both", "failed", "failed", "offer",
                     "The backend speaks TLS 1.0 only; the client wants TLS 1.1 or TLS 1.2."};
  session.client_leg = refused_version_leg("192.0.2.10:50312", "127.0.0.1:8443", true);
  session.backend_leg = refused_version_leg("192.0.2.1:41830", "198.51.100.7:443", false);
  session.direct_leg = refused_version_leg("192.0.2.1:41834", "198.51.100.7:443", false);
  session.client_leg->client_hello->ciphers.push_back({5, "TLS_RSA_WITH_RC4_128_SHA"});
  session.direct_leg->alerts.clear();
  session.direct_leg->failure.reset();
  session.direct_leg->history = "CSxn|";
  session.twin = {
      "unknown",
      "The backend answers the client's own hello with TLS 1.0; whether the client takes "
      "that, its hello does not say",
      false, 0};
  session.comparison = {
      compared("version", "TLS 1.0", "TLS 1.0", "mirrored"),
      compared("suite", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", "mirrored"),
      compared("offered suites", suites_of(*session.client_leg), suites_of(*session.backend_leg),
               "mirrored")};
  session.mirror.unmirrored = {
      {"backend_leg", "suite TLS_RSA_WITH_RC4_128_SHA", "not in this OpenSSL"},
      {"backend_leg", "alert-after-handshake", "OpenSSL can't send an alert of our choice here"}};
  session.findings = {no_common_version()};
  session.windows =
      inspect::WindowsReading{{{"client", 36888, "a fatal alert was generated: 70", {}, {}},
                               {"backend", 36887, "a fatal alert was received: 70", "0x80090302",
                                "SEC_E_UNSUPPORTED_FUNCTION"}},
                              "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
                              "SSL_ERROR_UNSUPPORTED_VERSION",
                              {}};
  return session;
}

SessionReport incomplete_chain_session() {
  SessionReport session = terminated_session("5f2a-0003", "shop.example.com");
  session.verdict = {"unknown", "ok", "unknown", "none",
                     "Works through the proxy; whether the client accepts the backend's incomplete "
                     "chain shows only a run with --mode passthrough."};
  session.client_leg = tls12_leg("192.0.2.10:50340", "127.0.0.1:8443", minted_chain());
  session.backend_leg = tls12_leg("192.0.2.1:41901", "198.51.100.9:443", public_chain());
  session.backend_leg->certificates.resize(1);
  session.backend_leg->established->encrypt_then_mac = true;
  session.backend_leg->chain =
      inspect::ChainReport{false,
                           {{0, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "0x800b010a"}},
                           "CN=Example Issuing CA 2,O=Example Trust,C=US",
                           {{"system", false, {"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"}},
                            {"corporate", true, {}}}};
  session.comparison = {compared("version", "TLS 1.2", "TLS 1.2", "mirrored"),
                        compared("encrypt-then-MAC", "no", "yes", "ours")};
  session.findings = {incomplete_chain()};
  session.http = {{"http/1.1", "POST", "/v1/orders", 201, 512, 64, 30.125},
                  {"http/1.1", "GET", "/v1/orders/7", std::nullopt, 0, 0, std::nullopt}};
  session.client_to_backend_bytes = 1180;
  session.backend_to_client_bytes = 402;
  return session;
}

SessionReport client_certificate_session() {
  SessionReport session = terminated_session("5f2a-0006", "orders.example.com");
  session.verdict = {"unknown", "ok", "unknown", "none",
                     "Works through the proxy, which has no certificate to show; whether the "
                     "client's own is accepted shows only a run with --mode passthrough."};
  session.client_leg =
      asked_for_certificate_leg("192.0.2.10:50350", "127.0.0.1:8443", minted_chain());
  session.client_leg->client_certificates = {client_certificate()};
  session.client_leg->client_signature = inspect::code_point(inspect::SignatureScheme{0x0804});
  session.backend_leg =
      asked_for_certificate_leg("192.0.2.1:41950", "198.51.100.8:443", public_chain());
  session.backend_leg->client_certificates.emplace();
  session.backend_leg->established->dh_bits = 1024;
  session.backend_leg->stapled_ocsp_bytes = 471;
  session.backend_leg->chain = inspect::ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  session.mirror.unmirrored = {
      {"backend_leg", "client-certificate",
       "the client's certificate can't be shown to the backend without its private key"}};
  session.comparison = inspect::compare_legs(session);
  session.http = {{"http/1.1", "GET", "/v1/orders", 200, 0, 64, 12.5}};
  session.client_to_backend_bytes = 520;
  session.backend_to_client_bytes = 402;
  return session;
}

SessionReport passthrough_session() {
  SessionReport session = terminated_session("5f2a-0004", "old.example.com");
  session.mode = "passthrough";
  session.verdict = {"fails-direct", "none", "failed", "passthrough",
                     "The backend closed after the first record of a split request."};
  session.direct_leg = tls12_leg("192.0.2.10:50399", "198.51.100.7:443", public_chain());
  session.direct_leg->split_c2s = "split-unknown";
  session.direct_leg->close = inspect::CloseReport{"backend", "rst"};
  seal(*session.direct_leg);
  return session;
}

SessionReport passthrough_healthy_session() {
  SessionReport session = terminated_session("5f2a-0007", "shop.example.com");
  session.mode = "passthrough";
  session.verdict = {"healthy", "none", "ok", "passthrough",
                     "Works: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA."};
  session.direct_leg = tls12_leg("192.0.2.10:50400", "198.51.100.7:443", public_chain());
  session.direct_leg->chain = inspect::ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  session.direct_leg->close = inspect::CloseReport{"client", "fin"};
  seal(*session.direct_leg);
  session.client_to_backend_bytes = 1134;
  session.backend_to_client_bytes = 2062;
  return session;
}

SessionReport passthrough_refused_session() {
  SessionReport session = terminated_session("5f2a-0008", "shop.example.com");
  session.mode = "passthrough";
  session.verdict = {"fails-direct", "none", "failed", "passthrough",
                     "The client refuses the backend's certificate chain."};
  inspect::LegReport& leg =
      session.direct_leg.emplace(tls12_leg("192.0.2.10:50401", "198.51.100.9:443", public_chain()));
  leg.outcome = "failed";
  leg.reached = "certificate";
  leg.established.reset();
  leg.handshake_ms.reset();
  leg.certificates.resize(1);
  leg.chain =
      inspect::ChainReport{false,
                           {{0, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "0x800b010a"}},
                           "CN=Example Issuing CA 2,O=Example Trust,C=US",
                           {{"system", false, {"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"}}}};
  leg.history = "CSxknL|";
  leg.records.resize(2);
  leg.records.push_back({1422, true, 21, 0x0303, 2, std::nullopt});
  leg.records_total = 3;
  leg.split_c2s = leg.split_s2c = "n/a";
  leg.events.push_back({4, 1874, "client", "alert", "fatal unknown_ca (48)", 2});
  leg.alerts = {{4, "client", "fatal", {48, "unknown_ca"}}};
  leg.close = inspect::CloseReport{"client", "fin"};
  seal(leg);
  FindingReport finding = incomplete_chain();
  finding.role = inspect::finding_role::kCause;
  finding.severity = "error";
  finding.judged_by = "client-alert";
  finding.evidence = {{"direct_leg", 2, "Certificate with 1 certificate"},
                      {"direct_leg", 4, "fatal unknown_ca (48) received from the client"}};
  finding.codes.alert = 48;
  session.findings = {finding};
  session.client_to_backend_bytes = 529;
  session.backend_to_client_bytes = 1625;
  return session;
}

SessionReport not_tls_session() {
  SessionReport session = terminated_session("5f2a-0005", "web.example.com");
  session.sni.reset();
  session.backend_address.reset();
  session.verdict.headline = "The client speaks plain HTTP to the TLS port.";
  session.client_leg.emplace();
  session.client_leg->from = session.client;
  session.client_leg->to = session.listener;
  session.client_leg->outcome = "not-tls";
  session.client_leg->reached = "tcp";
  session.client_leg->first_bytes = "plain HTTP request";
  session.client_leg->raw_c2s = "474554202f20485454502f312e310d0a";
  session.client_leg->raw_cut = true;
  session.client_leg->failure = "hello-timeout";
  session.client_leg->malformed = {"ClientHello sent by client: truncated: extensions at byte 41"};
  return session;
}

SessionReport hostile_session(const std::string& hostile) {
  SessionReport session = incomplete_chain_session();
  session.id = session.started = session.source = session.mode = hostile;
  session.client = session.listener = session.backend = session.split_policy = hostile;
  session.backend_address = session.sni = hostile;
  session.verdict = {hostile, hostile, hostile, hostile, hostile};
  session.direct_leg = hostile_leg(hostile);
  session.backend_leg = hostile_leg(hostile);
  session.mirror = {hostile, hostile, {{hostile, hostile, hostile}}};
  session.comparison = {{hostile, hostile, hostile, hostile, hostile},
                        {"version", hostile, std::nullopt, "only-client", hostile}};
  FindingReport& finding = session.findings.front();
  for (std::string* text : {&finding.id, &finding.severity, &finding.side, &finding.confidence,
                            &finding.title, &finding.cause, &finding.expected, &finding.presented,
                            &finding.remedy, &finding.judged_by, &finding.source})
    *text = hostile;
  finding.evidence = {{hostile, 7, hostile}, {hostile, std::nullopt, hostile}};
  finding.codes = {-1, hostile, hostile, 36887, hostile, hostile, hostile};
  session.http = {{hostile, hostile, hostile, 200, 1, 2, 0.5}};
  return session;
}

std::vector<NamedSession> sample_sessions() {
  return {{"empty", {}},
          {"healthy", healthy_session()},
          {"no_common_version", no_common_version_session()},
          {"incomplete_chain", incomplete_chain_session()},
          {"client_certificate", client_certificate_session()},
          {"passthrough", passthrough_session()},
          {"passthrough_healthy", passthrough_healthy_session()},
          {"passthrough_refused", passthrough_refused_session()},
          {"not_tls", not_tls_session()},
          {"hostile",
           hostile_session("\x1b[2J\"\\\n\r\t\x01\x7f\xc2\x9b \xff\xe2\x80\xae\xf0\x9f\x98\x80")}};
}

}  // namespace visavis::test
