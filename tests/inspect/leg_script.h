#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/findings/finding.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// LegScript writes a leg step by step, as a dialogue: each step is an event, a millisecond after
/// the one before. What a step implies (reached, alerts, the first close) is kept up with.
class LegScript {
 public:
  /// `client` and `server` are the parties of the leg: "proxy" and "backend" of a backend leg.
  LegScript(std::string client, std::string server)
      : client_(std::move(client)), server_(std::move(server)) {
    leg_.from = "192.0.2.10:50312";
    leg_.to = "198.51.100.7:443";
    leg_.outcome = "failed";
    leg_.reached = "tcp";
  }
  static LegScript client_leg() { return {"client", "proxy"}; }
  static LegScript backend_leg() { return {"proxy", "backend"}; }
  static LegScript direct_leg() { return {"client", "backend"}; }

  LegScript& tcp(const std::string& sender, std::string_view note) {
    return add(sender, "tcp", std::string(note));
  }

  /// The ClientHello: suites by number; versions empty: no supported_versions.
  LegScript& hello(std::initializer_list<std::uint16_t> suites,
                   std::initializer_list<std::uint16_t> versions = {},
                   std::uint16_t legacy = 0x0303) {
    ClientHelloReport hello;
    hello.legacy_version = code_point(ProtocolVersion{legacy});
    for (const std::uint16_t suite : suites)
      hello.ciphers.push_back(code_point(CipherSuite{suite}));
    if (versions.size() > 0) hello.supported_versions.emplace();
    for (const std::uint16_t version : versions)
      hello.supported_versions->push_back(code_point(ProtocolVersion{version}));
    hello.sni = "shop.example.com";
    leg_.client_hello = hello;
    leg_.reached = "client_hello";
    record(true, 22, 200);
    return message(client_, "ClientHello");
  }

  LegScript& server_hello(std::uint16_t version, std::uint16_t suite) {
    ServerHelloReport hello;
    hello.legacy_version = code_point(ProtocolVersion{std::min<std::uint16_t>(version, 0x0303)});
    hello.version = code_point(ProtocolVersion{version});
    hello.cipher = code_point(CipherSuite{suite});
    if (version == 0x0304) hello.key_share_group = code_point(NamedGroup{0x001d});
    leg_.server_hello = hello;
    leg_.reached = "server_hello";
    record(false, 22, 90);
    return message(server_, "ServerHello");
  }

  LegScript& certificate(std::vector<CertificateReport> chain) {
    leg_.certificates = std::move(chain);
    leg_.reached = "certificate";
    return message(server_, "Certificate");
  }

  LegScript& certificate_request(std::vector<std::string> issuers) {
    leg_.certificate_request.emplace();
    leg_.certificate_request->issuers_total = static_cast<std::uint32_t>(issuers.size());
    leg_.certificate_request->issuers = std::move(issuers);
    return message(server_, "CertificateRequest");
  }

  LegScript& client_certificate(std::vector<CertificateReport> chain) {
    leg_.client_certificates = std::move(chain);
    return message(client_, "Certificate");
  }

  LegScript& message(const std::string& sender, const std::string& name) {
    return add(sender, "message", name);
  }

  LegScript& record(bool c2s, std::uint8_t type, std::uint16_t length) {
    leg_.records.push_back({now(), c2s, type, 0x0303, length, std::nullopt});
    ++leg_.records_total;
    if (leg_.outcome != "established")
      (c2s ? leg_.raw_c2s : leg_.raw_s2c).append(2 * (5U + length), 'a');
    return add(c2s ? client_ : server_, "record", type == 22 ? "handshake" : "application_data");
  }

  LegScript& alert(const std::string& sender, std::uint8_t description,
                   const std::string& level = "fatal") {
    const CodePoint point = code_point(AlertDescription{description});
    add(sender, "alert", level + ' ' + point.name + " (" + std::to_string(description) + ')');
    leg_.alerts.push_back({leg_.events.back().i, sender, level, point});
    return *this;
  }

  LegScript& encrypted_alert(const std::string& sender) {
    return add(sender, "alert", "alert (encrypted)");
  }

  /// Both Finished: what was agreed is the ServerHello's.
  LegScript& established() {
    message(client_, "Finished");
    message(server_, "Finished");
    leg_.outcome = "established";
    leg_.reached = "finished";
    leg_.established.emplace();
    leg_.established->version = leg_.server_hello->version;
    leg_.established->cipher = leg_.server_hello->cipher;
    return *this;
  }

  LegScript& close(const std::string& by, const std::string& how) {
    add(by, "close", how);
    if (!leg_.close) leg_.close = CloseReport{by, how};
    return *this;
  }

  LegScript& after_ms(std::int64_t milliseconds) {
    now_us_ += 1000 * milliseconds;
    return *this;
  }

  [[nodiscard]] LegReport leg() const { return leg_; }
  LegReport* operator->() { return &leg_; }

 private:
  LegScript& add(const std::string& sender, const std::string& kind, const std::string& what) {
    const auto i = static_cast<std::uint32_t>(leg_.events.size());
    now_us_ += 1000;
    leg_.events.push_back({i, now(), sender, kind, what, 0});
    return *this;
  }
  [[nodiscard]] std::int64_t now() const { return now_us_; }

  std::string client_;
  std::string server_;
  std::int64_t now_us_ = 0;
  LegReport leg_;
};

inline CertificateReport certificate_of(const std::string& subject, const std::string& issuer) {
  CertificateReport report;
  report.subject = subject;
  report.issuer = issuer;
  return report;
}

/// session_of is a session of these legs at a backend named as the hello names it.
inline SessionReport session_of(std::optional<LegReport> client_leg,
                                std::optional<LegReport> backend_leg) {
  SessionReport session;
  session.started = "2027-01-15T08:00:00.250Z";
  session.backend = "shop.example.com:443";
  session.backend_address = "198.51.100.7:443";
  session.client_leg = std::move(client_leg);
  session.backend_leg = std::move(backend_leg);
  if (session.client_leg && session.client_leg->client_hello)
    session.sni = session.client_leg->client_hello->sni;
  return session;
}

inline SessionReport passed_session(LegReport direct_leg) {
  SessionReport session = session_of(std::nullopt, std::nullopt);
  session.mode = "passthrough";
  if (direct_leg.client_hello) session.sni = direct_leg.client_hello->sni;
  session.direct_leg = std::move(direct_leg);
  return session;
}

/// expect_evidence_exists holds every piece of evidence against the legs that it points into.
inline void expect_evidence_exists(const SessionReport& session, const FindingReport& finding) {
  EXPECT_FALSE(finding.evidence.empty());
  for (const EvidenceReport& evidence : finding.evidence) {
    const auto& leg = evidence.leg == "client_leg"    ? session.client_leg
                      : evidence.leg == "backend_leg" ? session.backend_leg
                                                      : session.direct_leg;
    ASSERT_TRUE(leg) << evidence.leg;
    if (!evidence.event) continue;
    const auto known = [&](const EventReport& event) { return event.i == *evidence.event; };
    EXPECT_TRUE(std::any_of(leg->events.begin(), leg->events.end(), known)) << evidence.what;
  }
}

/// expect_complete asserts that every field which a reader needs is filled in.
inline void expect_complete(const FindingReport& finding) {
  for (const std::string* field :
       {&finding.severity, &finding.side, &finding.confidence, &finding.title, &finding.cause,
        &finding.expected, &finding.presented, &finding.remedy, &finding.judged_by,
        &finding.source})
    EXPECT_FALSE(field->empty()) << finding.title;
  EXPECT_TRUE(finding.cause.ends_with('.') && finding.remedy.ends_with('.')) << finding.title;
  EXPECT_EQ(finding.cause.find(".."), std::string::npos) << finding.cause;
  EXPECT_FALSE(finding.title.ends_with('.')) << finding.title;
  // What no client objects to has no name in their vocabularies.
  if (finding.severity == severity::kError) {
    EXPECT_TRUE(finding.codes.hresult || finding.codes.chrome) << finding.title;
  }
}

/// line is "SIDE SEVERITY CONFIDENCE JUDGED-BY" of a finding; "none" without one.
inline std::string line(const std::optional<FindingReport>& finding) {
  if (!finding) return "none";
  return finding->side + ' ' + finding->severity + ' ' + finding->confidence + ' ' +
         finding->judged_by;
}

}  // namespace visavis::inspect
