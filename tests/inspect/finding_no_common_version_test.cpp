#include "inspect/findings/rule.h"

#include <gtest/gtest.h>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "tests/inspect/leg_script.h"
#include "tests/support/sample_legs.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

std::vector<CodePoint> versions(std::initializer_list<std::uint16_t> values) {
  std::vector<CodePoint> points;
  for (const std::uint16_t value : values) points.push_back(code_point(ProtocolVersion{value}));
  return points;
}

AlertReport alert(const char* by, std::uint8_t description, const char* level = "fatal") {
  return {7, by, level, code_point(AlertDescription{description})};
}

/// Both hellos say the same; each leg failed and has no alert yet.
SessionReport failed_session() {
  SessionReport session = test::no_common_version_session();
  session.direct_leg.reset();
  session.findings.clear();
  session.mirror.unmirrored.clear();
  session.client_leg->alerts.clear();
  session.backend_leg->alerts.clear();
  return session;
}

void offer(SessionReport& session, std::initializer_list<std::uint16_t> values) {
  session.client_leg->client_hello->supported_versions = versions(values);
  session.backend_leg->client_hello->supported_versions = versions(values);
}

const auto diagnose = diagnose_no_common_version;

TEST(FindingNoCommonVersion, TheBackendRefusesTheMirroredHello) {
  SessionReport session = failed_session();
  session.backend_leg->server_hello.reset();
  session.backend_leg->alerts = {alert("backend", 70)};
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->judged_by, "backend-alert");
  EXPECT_EQ(finding->confidence, "proven");
  EXPECT_EQ(finding->side, "both");
  EXPECT_EQ(finding->severity, "error");
  ASSERT_EQ(finding->evidence.size(), 2U);
  EXPECT_EQ(finding->evidence[0].leg, "client_leg");
  EXPECT_EQ(finding->evidence[1].leg, "backend_leg");
  EXPECT_EQ(finding->evidence[1].event, 7U);
}

TEST(FindingNoCommonVersion, ItIsOnlyLikelyWhenOurHelloOfferedLess) {
  SessionReport session = failed_session();
  session.backend_leg->server_hello.reset();
  session.backend_leg->alerts = {alert("backend", 70)};
  session.client_leg->client_hello->supported_versions = versions({0x7f1c, 0x0303});
  session.backend_leg->client_hello->supported_versions = versions({0x0303});
  ASSERT_TRUE(diagnose(session));
  EXPECT_EQ(diagnose(session)->confidence, "likely");
  session.backend_leg->client_hello.reset();
  EXPECT_EQ(diagnose(session)->confidence, "likely");
}

/// Nothing is left that it could have; it may as well stumble over the newest.
TEST(FindingNoCommonVersion, ARefusalOfAllThatThereIsMayBeIntolerance) {
  SessionReport session = failed_session();
  session.backend_leg->server_hello.reset();
  session.backend_leg->alerts = {alert("backend", 70)};
  offer(session, {0x2a2a, 0x0304, 0x0303, 0x0302, 0x0301});
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error likely backend-alert");
  EXPECT_EQ(finding->suspects, std::vector<std::string>{"version-intolerance"});
  EXPECT_NE(finding->cause.find("SSL 3.0"), std::string::npos);
  EXPECT_NE(finding->remedy.find("TLS 1.2 as its maximum"), std::string::npos);
  // With one of them left out, that may be the one that it has.
  const std::vector<std::vector<std::uint16_t>> some{{0x0303, 0x0302, 0x0301},
                                                     {0x0304, 0x0303, 0x0302},
                                                     {0x0304, 0x0303},
                                                     {0x0304, 0x0302, 0x0301}};
  for (const auto& values : some) {
    std::vector<CodePoint> points;
    for (const std::uint16_t value : values) points.push_back(code_point(ProtocolVersion{value}));
    session.client_leg->client_hello->supported_versions = points;
    session.backend_leg->client_hello->supported_versions = points;
    EXPECT_EQ(line(diagnose(session)), "both error proven backend-alert");
    EXPECT_TRUE(diagnose(session)->suspects.empty());
  }
}

TEST(FindingNoCommonVersion, TheClientRefusesTheBackendsChoice) {
  SessionReport session = failed_session();
  session.client_leg->alerts = {alert("client", 70)};
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->judged_by, "client-alert");
  EXPECT_EQ(finding->confidence, "proven");
  EXPECT_NE(finding->cause.find("TLS 1.0"), std::string::npos);
  EXPECT_EQ(finding->presented, "the client offers up to TLS 1.2");
}

TEST(FindingNoCommonVersion, TheBackendChoosesWhatWasNotOffered) {
  SessionReport session = failed_session();
  offer(session, {0x3a3a, 0x0303, 0x0302});
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->judged_by, "proxy-check");
  EXPECT_EQ(finding->confidence, "proven");
  EXPECT_EQ(finding->expected, "the backend chose TLS 1.0");

  session.mirror.hello = "default";
  session.backend_leg->client_hello->supported_versions = versions({0x0304, 0x0303, 0x0301});
  ASSERT_TRUE(diagnose(session));
  EXPECT_EQ(diagnose(session)->confidence, "likely") << "our own hello asked something else";
}

TEST(FindingNoCommonVersion, OffersThatOurHelloDidNotRepeatProveNothing) {
  SessionReport session = failed_session();
  offer(session, {0x0303});
  session.client_leg->client_hello->supported_versions = versions({0x7f1c, 0x0303});
  ASSERT_TRUE(diagnose(session));
  EXPECT_EQ(diagnose(session)->confidence, "likely") << "the draft was not offered to the backend";
}

TEST(FindingNoCommonVersion, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"no alert, a choice that may have been offered", [](SessionReport&) {}},
      {"another alert of the backend",
       [](SessionReport& s) { s.backend_leg->alerts = {alert("backend", 40)}; }},
      {"our own alert", [](SessionReport& s) { s.backend_leg->alerts = {alert("proxy", 70)}; }},
      {"a warning",
       [](SessionReport& s) { s.backend_leg->alerts = {alert("backend", 70, "warning")}; }},
      {"the backend refused a hello that was our own",
       [](SessionReport& s) {
         s.backend_leg->alerts = {alert("backend", 70)};
         s.mirror.hello = "default";
       }},
      {"an alert after the handshake",
       [](SessionReport& s) {
         s.backend_leg->alerts = {alert("backend", 70)};
         s.backend_leg->outcome = "established";
       }},
      {"the client refused an answer that was our own",
       [](SessionReport& s) {
         s.client_leg->alerts = {alert("client", 70)};
         s.mirror.answer = "own";
       }},
      {"the client refused before it was answered",
       [](SessionReport& s) {
         s.client_leg->alerts = {alert("client", 70)};
         s.client_leg->server_hello.reset();
       }},
      {"the client was given another version than the backend chose",
       [](SessionReport& s) {
         s.client_leg->alerts = {alert("client", 70)};
         s.client_leg->server_hello->version = code_point(kTls12);
       }},
      {"the client refused what it lists",
       [](SessionReport& s) {
         s.client_leg->alerts = {alert("client", 70)};
         offer(s, {0x0303, 0x0301});
       }},
      {"the client's alert came after its handshake",
       [](SessionReport& s) {
         s.client_leg->alerts = {alert("client", 70)};
         s.client_leg->outcome = "established";
       }},
      {"the choice is offered",
       [](SessionReport& s) {
         offer(s, {0x0303, 0x0301});
       }},
      {"the choice is above what is offered",
       [](SessionReport& s) {
         offer(s, {0x0302});
         s.backend_leg->server_hello->version = code_point(kTls12);
       }},
      {"the choice lies between",
       [](SessionReport& s) {
         offer(s, {0x0304, 0x0301});
         s.backend_leg->server_hello->version = code_point(kTls12);
       }},
      {"a HelloRetryRequest",
       [](SessionReport& s) {
         offer(s, {0x0304});
         s.backend_leg->server_hello->version = code_point(kTls12);
         s.backend_leg->hello_retry = true;
       }},
      {"no backend leg", [](SessionReport& s) { s.backend_leg.reset(); }},
      {"no client leg", [](SessionReport& s) { s.client_leg.reset(); }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = failed_session();
    change(session);
    EXPECT_FALSE(diagnose(session)) << what;
  }
  EXPECT_FALSE(diagnose(test::healthy_session()));
  EXPECT_FALSE(diagnose(test::passthrough_session()));
  EXPECT_FALSE(diagnose(SessionReport{}));
}

TEST(FindingNoCommonVersion, EvidencePointsAtEvents) {
  SessionReport session = failed_session();
  session.client_leg->alerts = {alert("client", 70)};
  const auto finding = diagnose(session);
  ASSERT_TRUE(finding);
  for (const EvidenceReport& evidence : finding->evidence) {
    const LegReport& leg =
        evidence.leg == "client_leg" ? *session.client_leg : *session.backend_leg;
    ASSERT_TRUE(evidence.event);
    EXPECT_LT(*evidence.event, leg.events.size());
  }
}

/// The hello carries RFC 7507's signalling suite: it is a second try, and the backend has more.
TEST(FindingNoCommonVersion, AFallbackIsTheClientsOwn) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc013, 0x5600}, {}, 0x0302).alert("backend", 86).close("backend", "fin");
  SessionReport session = passed_session(leg.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error proven backend-alert");
  EXPECT_EQ(finding->codes.alert, 86);
  EXPECT_EQ(finding->source, "RFC 7507 3");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  session.direct_leg->client_hello->ciphers.pop_back();
  EXPECT_EQ(line(diagnose(session)), "none") << "without the suite the alert means something else";
}

/// OpenSSL 3 at security level 1 and above: no signature algorithm for TLS 1.0 and 1.1.
TEST(FindingNoCommonVersion, AnInternalErrorToAnOldHelloIsTheMissingSignature) {
  for (const std::uint16_t highest : std::initializer_list<std::uint16_t>{0x0301, 0x0302}) {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0xc013, 0x0035}, {}, highest).alert("backend", 80).close("backend", "fin");
    SessionReport session = passed_session(leg.leg());
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), "both error likely backend-alert") << highest;
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
    EXPECT_EQ(finding->codes.alert, 80);
  }
  for (const std::uint16_t highest : std::initializer_list<std::uint16_t>{0x0300, 0x0303}) {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0xc013, 0x0035}, {}, highest).alert("backend", 80).close("backend", "fin");
    EXPECT_EQ(line(diagnose(passed_session(leg.leg()))), "none") << highest;
  }
  LegScript answered = LegScript::direct_leg();
  answered.hello({0xc013}, {}, 0x0301).server_hello(0x0301, 0xc013).alert("backend", 80);
  EXPECT_EQ(line(diagnose(passed_session(answered.leg()))), "none") << "it had a signature";
  LegScript ours = LegScript::backend_leg();
  ours.hello({0xc013}, {}, 0x0301).alert("backend", 80).close("backend", "fin");
  SessionReport own = session_of(std::nullopt, ours.leg());
  own.mirror.hello = "default";
  EXPECT_EQ(line(diagnose(own)), "none") << "not the client's hello";
}

}  // namespace
}  // namespace visavis::inspect
