#include <gtest/gtest.h>

#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule_table.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

std::optional<FindingReport> diagnose(const SessionReport& session) {
  return diagnose_alert_unexplained(session, {});
}

LegScript client() {
  LegScript leg = LegScript::client_leg();
  leg.hello({0xc02f});
  return leg;
}

LegScript backend() {
  LegScript leg = LegScript::backend_leg();
  leg.hello({0xc02f});
  return leg;
}

std::vector<std::string> ids(const SessionReport& session) {
  std::vector<std::string> list;
  for (const FindingReport& finding : diagnose_session(session)) list.push_back(finding.id);
  return list;
}

using Ids = std::vector<std::string>;

TEST(FindingAlertUnexplained, OfTheBackend) {
  LegScript leg = backend();
  leg.alert("backend", 80).close("backend", "fin");
  const SessionReport session = session_of(client().leg(), leg.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "both error likely backend-alert");
  EXPECT_EQ(finding->title,
            "The backend breaks off with internal_error (80) after the ClientHello of the proxy");
  EXPECT_NE(finding->cause.find("an error that has nothing to do with the peer"),
            std::string::npos);
  EXPECT_NE(finding->cause.find("OpenSSL 3 at security level 1"), std::string::npos)
      << "what it usually is right after a hello";
  EXPECT_EQ(finding->codes.hresult, "0x80090304");
  EXPECT_EQ(finding->codes.java, "SSLHandshakeException: Received fatal alert: internal_error");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
}

TEST(FindingAlertUnexplained, LaterTheUsualCausesAreOthers) {
  LegScript leg = backend();
  leg.server_hello(0x0303, 0xc02f).alert("backend", 80);
  const auto finding = diagnose(session_of(client().leg(), leg.leg()));
  EXPECT_EQ(finding->cause.find("security level"), std::string::npos);
  EXPECT_NE(finding->title.find("after the ServerHello of the backend"), std::string::npos);
}

TEST(FindingAlertUnexplained, OfTheClientAndAfterTheHandshake) {
  LegScript leg = client();
  leg.server_hello(0x0303, 0xc02f).established().alert("client", 20);
  LegScript other = backend();
  other.server_hello(0x0303, 0xc02f).established();
  const auto finding = diagnose(session_of(leg.leg(), other.leg()));
  EXPECT_EQ(line(finding), "both warning likely client-alert");
  EXPECT_EQ(finding->title, "The client breaks off with bad_record_mac (20) after the handshake");
}

TEST(FindingAlertUnexplained, OurOwnHelloAndAnswerAreOurs) {
  LegScript leg = backend();
  leg.alert("backend", 40);
  SessionReport session = session_of(client().leg(), leg.leg());
  session.mirror.hello = "default";
  EXPECT_EQ(line(diagnose(session)), "proxy error likely backend-alert");
  EXPECT_NE(diagnose(session)->cause.find("(--hello default)"), std::string::npos);
  LegScript refused = client();
  refused.server_hello(0x0303, 0xc02f).alert("client", 47);
  session = session_of(refused.leg(), backend().leg());
  session.mirror.answer = "own";
  EXPECT_EQ(line(diagnose(session)), "proxy error likely client-alert");
}

TEST(FindingAlertUnexplained, WhatWasNotMirroredIsSaid) {
  LegScript leg = backend();
  leg.alert("backend", 50);
  SessionReport session = session_of(client().leg(), leg.leg());
  session.mirror.unmirrored = {{"backend_leg", "GREASE", "ours"},
                               {"backend_leg", "alert-after-handshake", "no difference"},
                               {"client_leg", "ALPN h2", "ours"}};
  const auto finding = diagnose(session);
  EXPECT_NE(finding->cause.find("differs from what the client sent in: GREASE."), std::string::npos)
      << finding->cause;
}

TEST(FindingAlertUnexplained, UnknownNumbersStayThemselves) {
  LegScript leg = backend();
  leg.alert("backend", 199);
  const auto finding = diagnose(session_of(client().leg(), leg.leg()));
  ASSERT_TRUE(finding);
  EXPECT_NE(finding->title.find("0xc7 (199)"), std::string::npos);
  EXPECT_EQ(finding->codes.hresult, "0x80090326") << "Schannel's for any other";
  expect_complete(*finding);
}

TEST(FindingAlertUnexplained, AnyFindingThatPointsAtItExplainsIt) {
  LegScript leg = backend();
  leg.alert("backend", 80);
  const SessionReport session = session_of(client().leg(), leg.leg());
  Findings found(1);
  const auto event = session.backend_leg->alerts[0].event;
  found[0].evidence = {{"backend_leg", event, "fatal internal_error (80)"}};
  EXPECT_FALSE(diagnose_alert_unexplained(session, found));
  found[0].evidence = {{"client_leg", event, "another leg's event"}};
  EXPECT_TRUE(diagnose_alert_unexplained(session, found));
  found[0].evidence = {{"backend_leg", event + 1, "another event"}};
  EXPECT_TRUE(diagnose_alert_unexplained(session, found));
  found[0].evidence = {{"backend_leg", std::nullopt, "no event"}};
  EXPECT_TRUE(diagnose_alert_unexplained(session, found));
}

TEST(FindingAlertUnexplained, IsSilentWhereAnotherRuleSpeaks) {
  LegScript leg = backend();
  leg.alert("backend", 40);
  EXPECT_EQ(ids(session_of(client().leg(), leg.leg())), (Ids{"no-common-cipher"}));
  LegScript version = backend();
  version.alert("backend", 70);
  EXPECT_EQ(ids(session_of(client().leg(), version.leg())), (Ids{"no-common-version"}));
  LegScript wanted = backend();
  wanted.server_hello(0x0303, 0xc02f).certificate_request({}).client_certificate({});
  wanted.alert("backend", 40);
  EXPECT_EQ(ids(session_of(client().leg(), wanted.leg())), (Ids{"client-certificate-wanted"}));
  LegScript rejected = client();
  rejected.server_hello(0x0303, 0xc02f).certificate({certificate_of("CN=a", "CN=b")});
  rejected.alert("client", 48);
  EXPECT_EQ(ids(session_of(rejected.leg(), backend().leg())),
            (Ids{"client-rejected-our-certificate"}));
  LegScript internal = backend();
  internal.alert("backend", 80);
  EXPECT_EQ(ids(session_of(client().leg(), internal.leg())), (Ids{"alert-unexplained"}));
}

TEST(FindingAlertUnexplained, WhatFollowsAnExplainedAlertFollowsFromIt) {
  LegScript leg = backend();
  leg.alert("backend", 40).alert("backend", 10);
  EXPECT_EQ(ids(session_of(client().leg(), leg.leg())), (Ids{"no-common-cipher"}));
}

TEST(FindingAlertUnexplained, NearMisses) {
  LegScript ours = backend();
  ours.alert("proxy", 48);
  EXPECT_FALSE(diagnose(session_of(client().leg(), ours.leg()))) << "our opinion";
  LegScript warned = backend();
  warned.server_hello(0x0303, 0xc02f).alert("backend", 112, "warning").established();
  EXPECT_FALSE(diagnose(session_of(client().leg(), warned.leg()))) << "a warning of TLS 1.2";
  LegScript goodbye = backend();
  goodbye.server_hello(0x0304, 0x1301).established().alert("backend", 0, "warning");
  goodbye.alert("backend", 90, "warning");
  EXPECT_FALSE(diagnose(session_of(client().leg(), goodbye.leg())));
  EXPECT_FALSE(diagnose(SessionReport{}));
}

/// RFC 8446 6: the level does not count in TLS 1.3.
TEST(FindingAlertUnexplained, AWarningOfTlsThirteenIsFatal) {
  LegScript leg = backend();
  leg.server_hello(0x0304, 0x1301).established().alert("backend", 112, "warning");
  EXPECT_EQ(line(diagnose(session_of(client().leg(), leg.leg()))),
            "both warning likely backend-alert");
}

LegScript refused_directly(std::uint16_t version) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301, 0xc02f}).server_hello(version, version == 0x0304 ? 0x1301 : 0xc02f);
  return leg;
}

TEST(FindingAlertUnexplained, TheClientDoesNotTrustWhatOurStoreTrusts) {
  LegScript leg = refused_directly(0x0303);
  leg.certificate({certificate_of("CN=shop.example.com", "CN=CA")}).alert("client", 48);
  leg->chain = ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  const SessionReport session = passed_session(leg.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error likely client-alert");
  EXPECT_EQ(finding->title,
            "The client does not trust the backend's certificate, though our trust store does");
  expect_complete(*finding);
}

TEST(FindingAlertUnexplained, InTlsThirteenTheBackendsCertificateIsNotSeen) {
  LegScript leg = refused_directly(0x0304);
  leg.alert("client", 48);
  const auto finding = diagnose(passed_session(leg.leg()));
  EXPECT_EQ(line(finding), "both error likely client-alert");
  EXPECT_NE(finding->cause.find("can't be seen here"), std::string::npos);
}

/// Who refuses a certificate himself shows his user other words than who is told of it.
TEST(FindingAlertUnexplained, TheClientsOwnAlertIsInItsOwnWords) {
  const auto words = [](std::uint8_t alert) {
    LegScript leg = refused_directly(0x0304);
    leg.alert("client", alert);
    const FindingCodes codes = diagnose(passed_session(leg.leg())).value().codes;
    EXPECT_EQ(codes.alert, alert);
    return codes.chrome.value_or("-") + ' ' + codes.firefox.value_or("-") + ' ' +
           codes.java.value_or("-").substr(0, 11);
  };
  EXPECT_EQ(words(48), "ERR_CERT_AUTHORITY_INVALID SEC_ERROR_UNKNOWN_ISSUER PKIX path b");
  EXPECT_EQ(words(45), "ERR_CERT_DATE_INVALID SEC_ERROR_EXPIRED_CERTIFICATE Certificate");
  EXPECT_EQ(words(42), "- - -") << "any objection";
}

/// Microsoft's table of alerts and Schannel's status codes, as far as it names single ones.
TEST(AlertCodes, AreMicrosoftsOwn) {
  const std::pair<std::uint32_t, const char*> statuses[] = {
      {10, "0x80090326"},  {20, "0x8009030f"},  {21, "0x80090330"},  {22, "0x80090326"},
      {30, "0x8009030f"},  {40, "0x80090326"},  {42, "0x80090327"},  {43, "0x80090327"},
      {44, "0x80092010"},  {45, "0x80090328"},  {46, "0x80090327"},  {47, "0x80090326"},
      {48, "0x80090325"},  {49, "0x8009030c"},  {50, "0x80090326"},  {51, "0x80090330"},
      {60, "0x80090326"},  {70, "0x80090302"},  {71, "0x80090331"},  {80, "0x80090304"},
      {90, "0x80090333"},  {100, "0x80090326"}, {110, "0x80090326"}, {115, "0x80090326"},
      {120, "0x80090367"}, {255, "0x80090326"}};
  for (const auto& [alert, status] : statuses) {
    FindingCodes codes;
    add_alert_codes(codes, alert);
    EXPECT_EQ(codes.hresult, status) << alert;
    EXPECT_EQ(codes.alert, static_cast<int>(alert));
  }
}

TEST(AlertCodes, EveryRegisteredAlertHasAMeaning) {
  for (std::uint32_t alert = 1; alert < 200; ++alert) {
    const AlertMeaning& meaning = alert_meaning(alert);
    EXPECT_FALSE(meaning.says.empty());
    EXPECT_TRUE(meaning.source.starts_with("RFC "));
    const AlertDescription point{static_cast<std::uint8_t>(alert)};
    const bool registered = !known_name(point).empty() && alert != 1 && alert != 52;
    EXPECT_EQ(meaning.alert == alert, registered) << alert;
  }
}

}  // namespace
}  // namespace visavis::inspect
