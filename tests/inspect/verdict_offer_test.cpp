#include <gtest/gtest.h>

#include "inspect/compare/verdict.h"
#include "inspect/findings/rank.h"
#include "inspect/transcript/event.h"
#include "tests/inspect/judged_session.h"

/// The verdict on terminated sessions with their findings: what the offer proves about the direct
/// way, and the headline.
namespace visavis::inspect {
namespace {

using Suites = std::initializer_list<std::uint16_t>;

VerdictReport judged(SessionReport session) {
  session.findings = diagnose_session(session);
  rank_findings(session);
  return judge_session(session);
}

/// "CLASS proxied PROXIED direct DIRECT by KNOWN-BY".
std::string line_of(const SessionReport& session) {
  const VerdictReport verdict = judged(session);
  return verdict.verdict_class + " proxied " + verdict.proxied + " direct " + verdict.direct +
         " by " + verdict.direct_known_by;
}

const std::string kFailsBoth = "fails-both proxied failed direct failed by offer";
const std::string kUnknown = "unknown proxied failed direct unknown by none";

SessionReport refused(std::uint8_t alert, Suites suites = {0xc02f}) {
  LegScript client = LegScript::client_leg();
  client.hello(suites).alert("proxy", alert);
  LegScript backend = LegScript::backend_leg();
  backend.hello(suites).alert("backend", alert).close("backend", "fin");
  return session_of(client.leg(), backend.leg());
}

SessionReport working() {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).server_hello(0x0304, 0x1301);
  client.certificate({certificate_of("CN=shop.example.com", "CN=visavis CA")}).established();
  LegScript backend = LegScript::backend_leg();
  backend.hello({0x1301}).server_hello(0x0304, 0x1301);
  backend.certificate({certificate_of("CN=shop.example.com", "CN=CA")}).established();
  backend->chain = ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = session.backend_to_client_bytes = 100;
  return session;
}

TEST(VerdictOffer, WhatFollowsIsBuiltOnAHealthySession) {
  EXPECT_EQ(line_of(working()), "healthy proxied ok direct ok by offer");
}

/// The backend answers our hello; where that repeats the client's, it answers the client's.
TEST(VerdictOffer, ARepeatedHelloThatTheBackendRefusesFailsDirectly) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 71, 80, 112, 120})
    EXPECT_EQ(line_of(refused(alert)), kFailsBoth) << int{alert};
}

TEST(VerdictOffer, AnythingThatWasNotRepeatedLeavesItUnknown) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"our own hello", [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"our own split", [](SessionReport& s) { s.split_policy = "none"; }},
      {"our own segments", [](SessionReport& s) { s.split_segments = "one"; }},
      {"the order of extensions",
       [](SessionReport& s) {
         s.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
       }},
      {"padding: a size may be what is refused",
       [](SessionReport& s) {
         s.mirror.unmirrored = {{"backend_leg", "extensions: padding", "ours"}};
       }},
      {"a name that may be the proxy's",
       [](SessionReport& s) { s.sni = s.client_leg->client_hello->sni = "localhost"; }},
      {"not the backend's own alert",
       [](SessionReport& s) { s.backend_leg->alerts[0].sent_by = "proxy"; }},
      {"a close without an alert", [](SessionReport& s) { s.backend_leg->alerts.clear(); }},
      {"after the ServerHello, which something else follows", [](SessionReport& s) {
         s.backend_leg->server_hello.emplace();
         s.backend_leg->server_hello->cipher = code_point(CipherSuite{0xc02f});
       }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = refused(40);
    change(session);
    EXPECT_EQ(line_of(session), kUnknown) << what;
  }
  SessionReport session = refused(40);
  session.mirror.unmirrored = {{"client_leg", "ALPN h2", "the other leg"}};
  EXPECT_EQ(line_of(session), kFailsBoth);
  session.sni = session.client_leg->client_hello->sni = "www.example.com";
  session.backend = "10.0.0.5:443";
  EXPECT_EQ(line_of(session), kFailsBoth) << "the backend was given by its address";
  session.backend = "[2001:db8::1]:443";
  EXPECT_EQ(line_of(session), kFailsBoth);
}

TEST(VerdictOffer, ProvenLackOfACommonSuiteFailsDirectly) {
  SessionReport session = refused(71);
  session.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
  EXPECT_EQ(line_of(session), kFailsBoth) << "insufficient_security speaks of suites";
  session = refused(40);
  session.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
  EXPECT_EQ(line_of(session), kUnknown) << "handshake_failure may be about anything";
}

/// A group that is not in the client's list is nothing to the client, whatever else of its hello we
/// could not repeat.
TEST(VerdictOffer, AGroupThatWasNotOfferedFailsDirectly) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).close("proxy", "fin");
  client->client_hello->groups = {code_point(NamedGroup{29})};
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f).message("backend", "ServerKeyExchange");
  backend->client_hello->groups = client->client_hello->groups;
  backend->key_exchange_group = code_point(NamedGroup{23});
  backend.alert("proxy", 47).close("proxy", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(line_of(session), kFailsBoth);
  session.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
  EXPECT_EQ(line_of(session), kFailsBoth);
  session.client_leg->client_hello->groups.reset();
  EXPECT_EQ(line_of(session), kUnknown) << "the client takes any group: likely only";
  session = session_of(client.leg(), backend.leg());
  session.split_policy = "none";
  EXPECT_EQ(line_of(session), kUnknown) << "not all is mirrored";
}

/// What makes a backend answer badly is not known: only where nothing differs does it answer the
/// client's own hello so.
TEST(VerdictOffer, ABadServerHelloToARepeatedHelloFailsDirectly) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f).alert("proxy", 47).close("proxy", "fin");
  for (LegReport* leg : {client.operator->(), backend.operator->()})
    leg->client_hello->compression = {0};
  backend->server_hello->compression = 1;
  const SessionReport bad = session_of(client.leg(), backend.leg());
  EXPECT_EQ(line_of(bad), kFailsBoth);
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"something was not repeated",
       [](SessionReport& s) {
         s.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
       }},
      {"padding",
       [](SessionReport& s) {
         s.mirror.unmirrored = {{"backend_leg", "extensions: padding", "ours"}};
       }},
      {"our own hello", [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"our own segments", [](SessionReport& s) { s.split_segments = "one"; }},
      {"a name that may be the proxy's",
       [](SessionReport& s) { s.sni = s.client_leg->client_hello->sni = "localhost"; }},
      {"it is offered by the client",
       [](SessionReport& s) {
         s.client_leg->client_hello->compression = {1, 0};
       }},
      {"no finding", [](SessionReport& s) { s.backend_leg->server_hello->compression = 0; }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = bad;
    change(session);
    EXPECT_EQ(line_of(session), kUnknown) << what;
  }
}

TEST(VerdictOffer, AnUnreachedBackendMayBeReachedByOthers) {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).close("proxy", "rst");
  LegScript backend = LegScript::backend_leg();
  backend.tcp("backend", tcp_note::kRefused);
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(line_of(session), kUnknown);
  EXPECT_EQ(judged(session).headline,
            "The backend refuses the connection: nothing listens on this port. Whether it works "
            "without the proxy is not known: connect the client directly, from its own machine, to "
            "tell.");
}

TEST(VerdictOffer, WhoRefusedOurCertificateMayRefuseTheBackends) {
  SessionReport session = working();
  session.client_to_backend_bytes = session.backend_to_client_bytes = 0;
  EXPECT_EQ(line_of(session), "healthy proxied ok direct ok by offer") << "nothing was asked";
  session.client_leg->events.push_back(
      {99, session.client_leg->events.back().t_us + 1000, "client", "close", "fin", 0});
  session.client_leg->close = CloseReport{"client", "fin"};
  EXPECT_EQ(line_of(session), kUnknown);
  const std::string headline = judged(session).headline;
  EXPECT_TRUE(headline.starts_with("The client leaves right after the handshake without a word"))
      << headline;
  EXPECT_EQ(headline.find("Works"), std::string::npos);

  session = working();
  session.client_leg->outcome = "failed";
  session.client_leg->established.reset();
  session.client_leg->alerts = {{99, "client", "fatal", code_point(AlertDescription{48})}};
  EXPECT_EQ(line_of(session), kUnknown);
  EXPECT_TRUE(judged(session).headline.starts_with(
      "The client refuses the certificate that the proxy showed it."));
}

TEST(VerdictOffer, OurOwnRefusalIsCalledOurs) {
  SessionReport session = working();
  LegReport& backend = *session.backend_leg;
  backend.outcome = "failed";
  backend.established.reset();
  backend.failure = "refused by --verify enforce: X509_V_ERR_CERT_HAS_EXPIRED";
  backend.alerts = {{99, "proxy", "fatal", code_point(AlertDescription{45})}};
  backend.chain =
      ChainReport{false, {{0, "X509_V_ERR_CERT_HAS_EXPIRED", "0x800b0101"}}, std::nullopt, {}};
  backend.certificates[0].problems = {"expired"};
  backend.certificates[0].not_after = "2027-01-05T08:00:00Z";
  session.client_leg->outcome = "failed";
  session.client_leg->certificates.clear();
  EXPECT_EQ(line_of(session), kUnknown);
  EXPECT_TRUE(judged(session).headline.starts_with(
      "The proxy itself refused the backend's certificate (--verify enforce). The backend's "
      "certificate expired 10 days ago."))
      << judged(session).headline;
}

/// A chain that is only reported on breaks nothing off: another failure is told instead.
TEST(VerdictOffer, AFaultyChainDoesNotExplainAReset) {
  SessionReport session = working();
  session.backend_leg->chain->trusted = false;
  session.backend_leg->chain->problems = {{0, "X509_V_ERR_CERT_HAS_EXPIRED", "0x800b0101"}};
  session.backend_leg->certificates[0].problems = {"expired"};
  EXPECT_TRUE(judged(session).headline.starts_with(
      "Works: TLS 1.3, TLS_AES_128_GCM_SHA256 on both legs. The backend's certificate"));
  session.backend_leg->close = CloseReport{"backend", "rst"};
  EXPECT_TRUE(judged(session).headline.starts_with(
      "The backend resets the connection after data went both ways."))
      << judged(session).headline;
}

TEST(VerdictOffer, ARefusalByHttpIsTheHeadline) {
  SessionReport session = working();
  session.backend_leg->certificate_request.emplace();
  session.backend_leg->client_certificates.emplace();
  session.client_leg->client_certificates.emplace();
  session.http.emplace_back().status = 400;
  EXPECT_EQ(line_of(session), "unknown proxied ok direct unknown by none")
      << "a request was answered";
  EXPECT_TRUE(judged(session).headline.starts_with(
      "The backend wants a client certificate, and none was sent."));
}

/// Where the client never said hello, there is nothing that could be tried directly.
TEST(VerdictOffer, ASilentClientIsNotToldToTryAgain) {
  LegScript client = LegScript::client_leg();
  client.close("proxy", "timeout");
  EXPECT_EQ(judged(session_of(client.leg(), std::nullopt)).headline,
            "The client connects and says nothing.");
}

TEST(VerdictOffer, ErrorsLeadAndWarningsFollow) {
  SessionReport session = working();
  FindingReport warning;
  warning.severity = "warning";
  warning.id = "expired";
  warning.title = "Something old";
  FindingReport error;
  error.severity = "error";
  error.id = "name-mismatch";
  error.title = "Something wrong";
  session.findings = {warning, error};
  rank_findings(session);
  EXPECT_NE(judge_session(session).headline.find(". Something wrong."), std::string::npos);
  session.findings = {warning};
  EXPECT_NE(judge_session(session).headline.find(". Something old."), std::string::npos);
}

}  // namespace
}  // namespace visavis::inspect
