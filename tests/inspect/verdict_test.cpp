#include "inspect/compare/verdict.h"

#include <gtest/gtest.h>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/rank.h"
#include "inspect/findings/rule_table.h"
#include "tests/support/sample_legs.h"
#include "tests/support/sample_reports.h"

/// The rules of the verdict, and sessions made to lure it into saying more than is known.
namespace visavis::inspect {
namespace {

SessionReport working_session() {
  SessionReport session = test::healthy_session();
  session.mirror.unmirrored.clear();
  session.verdict = {};
  return session;
}

struct Expected {
  std::string verdict_class;
  std::string proxied;
  std::string direct;
  std::string known_by;
};

void expect(const SessionReport& session, const Expected& expected) {
  const VerdictReport verdict = judge_session(session);
  EXPECT_EQ(verdict.verdict_class, expected.verdict_class);
  EXPECT_EQ(verdict.proxied, expected.proxied);
  EXPECT_EQ(verdict.direct, expected.direct);
  EXPECT_EQ(verdict.direct_known_by, expected.known_by);
  EXPECT_FALSE(verdict.headline.empty());
}

const Expected kHealthy{"healthy", "ok", "ok", "offer"};
const Expected kWorksDirectUnknown{"unknown", "ok", "unknown", "none"};
const Expected kFailedDirectUnknown{"unknown", "failed", "unknown", "none"};

FindingReport finding(std::string id, std::string side, std::string confidence) {
  FindingReport report;
  report.id = std::move(id);
  report.side = std::move(side);
  report.confidence = std::move(confidence);
  report.title = "Something is wrong";
  return report;
}

/// An alert before the leg's close.
void alert(LegReport& leg, const char* by, const char* level, AlertDescription description) {
  leg.alerts.push_back({11, by, level, code_point(description)});
}

TEST(Verdict, Healthy) {
  expect(working_session(), kHealthy);
  const std::string headline = judge_session(working_session()).headline;
  EXPECT_EQ(headline, "Works: TLS 1.3, TLS_AES_128_GCM_SHA256 on both legs.");
}

TEST(Verdict, PaddingAloneMakesNoDifference) {
  SessionReport session = working_session();
  session.mirror.unmirrored = {{"backend_leg", "extensions: padding", "not ours"},
                               {"client_leg", "group x25519", "answered otherwise"}};
  expect(session, kHealthy);
}

TEST(Verdict, OurOwnHelloDoesNotSpeakForTheClients) {
  for (const char* feature : {"extensions: order", "GREASE", "key shares: X25519MLKEM768",
                              "suites: TLS_RSA_WITH_RC4_128_SHA", "SSL 2.0 format",
                              "signature algorithms: rsa_pkcs1_sha1 added", "SNI"}) {
    SessionReport session = working_session();
    session.mirror.unmirrored = {{"backend_leg", feature, "our library"}};
    expect(session, kWorksDirectUnknown);
  }
}

TEST(Verdict, AnythingButTheMirrorLeavesDirectUnknown) {
  for (const auto change : {+[](SessionReport& s) { s.mirror.hello = "default"; },
                            +[](SessionReport& s) { s.mirror.answer = "own"; },
                            +[](SessionReport& s) { s.split_policy = "none"; },
                            +[](SessionReport& s) { s.split_policy = "1/n-1"; }}) {
    SessionReport session = working_session();
    change(session);
    expect(session, kWorksDirectUnknown);
  }
}

TEST(Verdict, TheClientsJudgementOfTheChainIsNotOurs) {
  SessionReport session = working_session();
  session.backend_leg->chain->trusted = false;
  expect(session, kWorksDirectUnknown);
  session.backend_leg->chain.reset();
  expect(session, kWorksDirectUnknown);
}

/// We take a name in the CN; Chrome and Go do not.
TEST(Verdict, AWarningAboutATrustedChainLeavesDirectUnknown) {
  for (const char* id : {"name-mismatch", "expired", "not-yet-valid", "wrong-usage"}) {
    SessionReport session = working_session();
    session.findings = {finding(id, "backend", "proven")};
    session.findings.front().kind = finding_kind::kCertificate;
    session.findings.front().severity = "warning";
    expect(session, kWorksDirectUnknown);
  }
}

TEST(Verdict, AClientCertificateThatWasAskedForIsNotOurs) {
  SessionReport session = working_session();
  session.backend_leg->history = "CsorxyfXFDd.";
  expect(session, kWorksDirectUnknown);
}

TEST(Verdict, DifferentAnswersLeaveDirectUnknown) {
  SessionReport session = working_session();
  session.client_leg->established->version = code_point(kTls12);
  expect(session, kWorksDirectUnknown);
  EXPECT_NE(
      judge_session(session).headline.find("Works through the proxy: TLS 1.2 with the client"),
      std::string::npos);
  session = working_session();
  session.client_leg->established->cipher = {0x1302, "TLS_AES_256_GCM_SHA384"};
  expect(session, kWorksDirectUnknown);
}

TEST(Verdict, ProxiedFails) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"client leg not established", [](SessionReport& s) { s.client_leg->outcome = "failed"; }},
      {"backend leg not established", [](SessionReport& s) { s.backend_leg->outcome = "failed"; }},
      {"no client leg", [](SessionReport& s) { s.client_leg.reset(); }},
      {"no backend leg", [](SessionReport& s) { s.backend_leg.reset(); }},
      {"incomplete", [](SessionReport& s) { s.client_leg->outcome = "incomplete"; }},
      {"established without an answer",
       [](SessionReport& s) { s.client_leg->established.reset(); }},
      {"fatal alert of the client",
       [](SessionReport& s) { alert(*s.client_leg, "client", "fatal", {46}); }},
      {"fatal alert of the backend",
       [](SessionReport& s) { alert(*s.backend_leg, "backend", "fatal", {20}); }},
      {"an alert of an unknown level",
       [](SessionReport& s) { alert(*s.backend_leg, "backend", "0x07", {20}); }},
      {"TLS 1.3: an error alert whatever its level",
       [](SessionReport& s) { alert(*s.client_leg, "client", "warning", {46}); }},
      {"RST of the client before the answer",
       [](SessionReport& s) {
         s.client_leg->close = {"client", "rst"};
         s.backend_to_client_bytes = 0;
       }},
      {"RST of the backend, and what was said can't be read",
       [](SessionReport& s) {
         s.backend_leg->close = {"backend", "rst"};
         s.client_leg->close = {"proxy", "rst"};
         s.http.clear();
       }},
      {"RST of the backend where the response has no other end",
       [](SessionReport& s) {
         s.backend_leg->close = {"backend", "rst"};
         s.http = {{"http/1.1", "GET", "/a", 200, 0, 9, std::nullopt}};
         s.http.back().until_close = true;
       }},
      {"a response that the backend did not end",
       [](SessionReport& s) {
         s.backend_leg->close = {"backend", "fin"};
         s.http.emplace_back().status = 200;
         s.http.back().cut_short = true;
       }},
      {"a request without one byte of an answer",
       [](SessionReport& s) { s.backend_to_client_bytes = 0; }},
      {"the last request without a response",
       [](SessionReport& s) {
         s.http.push_back({"http/1.1", "GET", "/b", std::nullopt, 0, 0, std::nullopt});
         s.backend_leg->close = {"backend", "fin"};
       }},
      {"HTTP/2: an earlier request without a response",
       [](SessionReport& s) {
         s.http.push_back({"http/2", "GET", "/a", std::nullopt, 0, 0, std::nullopt});
         s.http.push_back({"http/2", "GET", "/b", 200, 0, 0, 1.0});
         s.backend_leg->close = {"backend", "fin"};
       }},
      {"the last request without a response until the time-out", [](SessionReport& s) {
         s.http.push_back({"http/1.1", "GET", "/b", std::nullopt, 0, 0, std::nullopt});
         s.backend_leg->close = {"proxy", "timeout"};
       }}};
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    SessionReport session = working_session();
    change(session);
    expect(session, kFailedDirectUnknown);
  }
}

TEST(Verdict, ProxiedWorksAllTheSame) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"close_notify", [](SessionReport& s) { alert(*s.client_leg, "client", "warning", {0}); }},
      {"user_canceled", [](SessionReport& s) { alert(*s.client_leg, "client", "warning", {90}); }},
      {"nothing was asked",
       [](SessionReport& s) { s.client_to_backend_bytes = s.backend_to_client_bytes = 0; }},
      {"the server speaks first", [](SessionReport& s) { s.client_to_backend_bytes = 0; }},
      {"the client gave its request up",
       [](SessionReport& s) {
         s.http.push_back({"http/1.1", "GET", "/b", std::nullopt, 0, 0, std::nullopt});
         s.backend_leg->close = {"proxy", "close_notify"};
       }},
      {"HTTP/2: a request that nobody failed to answer",
       [](SessionReport& s) {
         s.http.push_back({"http/2", "GET", "/a", std::nullopt, 0, 0, std::nullopt});
         s.http.back().excused = "the client cancelled it";
         s.backend_leg->close = {"backend", "fin"};
       }},
      {"FIN", [](SessionReport& s) {
         s.backend_leg->close = {"backend", "fin"};
       }}};
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    SessionReport session = working_session();
    change(session);
    expect(session, kHealthy);
  }
}

TEST(Verdict, AWarningOfTlsTwelveIsAWarning) {
  SessionReport session = working_session();
  for (auto* leg : {&*session.client_leg, &*session.backend_leg}) {
    leg->established->version = code_point(kTls12);
    alert(*leg, "client", "warning", {100});
  }
  expect(session, kHealthy);
}

TEST(Verdict, ABackendWithoutTlsFailsDirectlyToo) {
  SessionReport session = working_session();
  session.backend_leg->outcome = "not-tls";
  session.findings = {finding("wrong-protocol-on-port", "backend", "proven")};
  expect(session, {"fails-both", "failed", "failed", "offer"});
  session.findings.front().confidence = "likely";  // bytes without a name
  expect(session, kFailedDirectUnknown);
  session.findings = {finding("plaintext-on-tls-port", "client", "proven")};
  expect(session, kFailedDirectUnknown);
}

TEST(Verdict, NoCommonVersionIsProvenOnlyByAMirroredHello) {
  SessionReport session = test::no_common_version_session();
  session.findings = {finding("no-common-version", "both", "proven")};
  session.findings.front().role = finding_role::kCause;
  expect(session, {"fails-both", "failed", "failed", "offer"});
  EXPECT_EQ(judge_session(session).headline, "Something is wrong.");

  session.findings.front().confidence = "likely";
  expect(session, kFailedDirectUnknown);
  session.findings.front().confidence = "proven";
  session.mirror.hello = "default";
  expect(session, kFailedDirectUnknown);
}

TEST(Verdict, OtherFindingsProveNothingAboutTheDirectWay) {
  for (const char* id : {"no-server-hello", "incomplete-chain"}) {
    SessionReport session = working_session();
    session.backend_leg->outcome = "failed";
    session.findings = {finding(id, "backend", "likely")};
    expect(session, kFailedDirectUnknown);
  }
}

TEST(Verdict, NothingKnown) {
  expect(SessionReport{}, {"unknown", "none", "unknown", "none"});
  EXPECT_EQ(judge_session(SessionReport{}).headline.find("succeeded"), std::string::npos);
  const SessionReport passed = test::passthrough_session();
  EXPECT_EQ(judge_session(passed).headline.find("succeeded"), std::string::npos);
  EXPECT_EQ(judge_session(passed).proxied, "none");
}

TEST(Verdict, UnknownSaysWhatToDo) {
  SessionReport session = working_session();
  const std::string works = judge_session(session).headline;
  session.mirror.hello = "default";
  session.backend = "www.example.com:8443";
  const auto told = [&session, &works] {
    const std::string headline = judge_session(session).headline;
    EXPECT_TRUE(headline.starts_with(works));
    return headline.substr(std::min(works.size(), headline.size()));
  };
  const auto hint = [](const std::string& backend) {
    return " Whether it works without the proxy is not known: run visavis compare " + backend +
           " -- CLIENT COMMAND, or visavis with --mode passthrough, to tell.";
  };
  EXPECT_EQ(told(), hint("www.example.com:8443"));
  session.backend = "[2001:db8::1]:443";
  EXPECT_EQ(told(), hint("[2001:db8::1]:443"));
  // A CONNECT request may name anything; this is pasted into a shell.
  for (const std::string backend : {"", "host", "$(id):443", "a b:443", "a;b:443", "-x:443",
                                    "a'b:443", "a\nb:443", "\xc3\xa4:443"}) {
    session.backend = backend;
    EXPECT_EQ(told(), hint("HOST:PORT")) << backend;
  }
  session.backend = std::string(300, 'a') + ":443";
  EXPECT_EQ(told(), hint("HOST:PORT"));
}

TEST(Verdict, TheHeadlineSaysWhoBrokeOff) {
  SessionReport session = working_session();
  session.backend_leg->outcome = "failed";
  session.backend_leg->alerts = {{3, "backend", "fatal", code_point(kHandshakeFailure)}};
  EXPECT_NE(judge_session(session).headline.find(
                "Backend leg failed: the backend sent a fatal handshake_failure (40) alert"),
            std::string::npos);
  session.backend_leg->alerts.clear();
  session.backend_leg->close = {"backend", "rst"};
  session.http.clear();
  EXPECT_NE(judge_session(session).headline.find("the backend closed the connection (rst)"),
            std::string::npos);
  session = working_session();
  session.client_leg->close = {"client", "rst"};
  session.client_leg->alerts.clear();
  session.backend_to_client_bytes = 0;
  EXPECT_NE(judge_session(session).headline.find("Broken off after both handshakes"),
            std::string::npos);
}

/// Servers end idle connections so, and clients those that they need no more.
TEST(Verdict, AnRstAfterAWholeAnswerHarmsNobody) {
  SessionReport session = working_session();
  session.http = {{"http/1.1", "GET", "/a", 200, 0, 9, std::nullopt}};
  session.client_to_backend_bytes = session.backend_to_client_bytes = 100;
  session.backend_leg->close = {"backend", "rst"};
  session.client_leg->close = {"proxy", "rst"};
  EXPECT_EQ(judge_session(session).proxied, "ok");
  session.http.clear();
  session.client_leg->close = {"client", "rst"};
  session.backend_leg->close = {"proxy", "rst"};
  EXPECT_EQ(judge_session(session).proxied, "ok") << "the client has had its answer";
}

/// Whatever the strings of a session, a verdict is one of the words, and consistent.
TEST(Verdict, IsAlwaysConsistent) {
  for (auto& [name, session] : test::sample_sessions()) {
    session.findings = diagnose_session(session);
    rank_findings(session);
    const VerdictReport verdict = judge_session(session);
    if (verdict.verdict_class == "healthy") {
      EXPECT_EQ(verdict.direct, "ok") << name;
    }
    EXPECT_EQ(verdict.direct == "unknown", verdict.direct_known_by == "none") << name;
    EXPECT_EQ(verdict.direct == "unknown", verdict.verdict_class == "unknown") << name;
  }
}

/// What a capture does not show is no failure; what it shows of one is.
TEST(Verdict, OfWhatACaptureDoesNotShowIsUnknown) {
  SessionReport session = working_session();
  session.backend_leg->outcome = "incomplete";
  session.backend_leg->established.reset();
  expect(session, {"unknown", "failed", "unknown", "none"});
  session.backend_leg->capture.emplace().start_missing = true;
  expect(session, {"unknown", "none", "unknown", "none"});
  EXPECT_TRUE(judge_session(session).headline.starts_with(
      "Whether it works through the proxy can't be told: the capture does not show both "
      "handshakes whole."));
  session.client_leg->outcome = "failed";
  expect(session, {"unknown", "failed", "unknown", "none"});
}

}  // namespace
}  // namespace visavis::inspect
