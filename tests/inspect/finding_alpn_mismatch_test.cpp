#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/rule.h"
#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using Protocols = std::vector<std::string>;

LegScript offering(const Protocols& protocols, LegScript leg = LegScript::direct_leg()) {
  leg.hello({0x1301, 0xc02f}, {0x0304, 0x0303});
  leg->client_hello->alpn = protocols;
  return leg;
}

TEST(FindingAlpnMismatch, TheBackendRefuses) {
  LegScript leg = offering({"h2", "grpc-exp"});
  leg.alert("backend", 120).close("backend", "fin");
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), Lines{"alpn-mismatch both error proven"});
  const auto finding = diagnose_alpn_mismatch(session);
  EXPECT_EQ(finding->presented, "the client offers h2, grpc-exp");
  EXPECT_EQ(finding->codes.hresult, "0x80090367");
  LegScript ours = offering({"h2"}, LegScript::backend_leg());
  ours.alert("backend", 120).close("backend", "fin");
  SessionReport own = session_of(std::nullopt, ours.leg());
  own.mirror.hello = "default";
  EXPECT_EQ(line(diagnose_alpn_mismatch(own)), "both error likely backend-alert");
}

/// Both handshakes came about, nothing was chosen, and the client has left without a word.
SessionReport left(const Protocols& protocols) {
  LegScript client = offering(protocols, LegScript::client_leg());
  client.server_hello(0x0304, 0x1301).established().close("client", "fin");
  LegScript backend = offering(protocols, LegScript::backend_leg());
  backend.server_hello(0x0304, 0x1301).established().close("proxy", "fin");
  return session_of(client.leg(), backend.leg());
}

TEST(FindingAlpnMismatch, TheClientLeaves) {
  EXPECT_EQ(line(diagnose_alpn_mismatch(left({"h2"}))), "both warning likely proxy-check");
  expect_complete(*diagnose_alpn_mismatch(left({"h2"})));
}

/// It left for that, and not for our certificate; and that is no success.
TEST(FindingAlpnMismatch, ALeavingClientIsNotServed) {
  SessionReport session = left({"h2"});
  session.client_leg->certificates = {certificate_of("CN=shop.example.com", "CN=visavis CA")};
  EXPECT_EQ(lines(session), Lines{"alpn-mismatch both warning likely"});
  EXPECT_TRUE(proxied_works(session));
  session.findings = diagnose_session(session);
  EXPECT_FALSE(proxied_works(session));
  SessionReport content = left({"h2", "http/1.1"});
  content.client_leg->certificates = session.client_leg->certificates;
  EXPECT_EQ(lines(content), Lines{"client-rejected-our-certificate proxy warning likely"});
}

/// Without TLS 1.3 the choice is in clear, and so is that nothing was asked.
TEST(FindingAlpnMismatch, TheClientLeavesInPassthrough) {
  const auto passing = [](std::uint16_t version, std::uint8_t record) {
    LegScript leg = offering({"h2"});
    leg.server_hello(version, 0xc02f).established().record(true, record, 40);
    leg.close("client", "fin");
    return passed_session(leg.leg());
  };
  EXPECT_EQ(line(diagnose_alpn_mismatch(passing(0x0303, 21))), "both warning likely proxy-check");
  EXPECT_EQ(line(diagnose_alpn_mismatch(passing(0x0303, 23))), "none") << "it sent something";
  EXPECT_EQ(line(diagnose_alpn_mismatch(passing(0x0304, 21))), "none") << "it is encrypted";
}

TEST(FindingAlpnMismatch, TheClientRefuses) {
  LegScript leg = offering({"h2"});
  leg.server_hello(0x0303, 0xc02f).certificate({}).alert("client", 120).close("client", "fin");
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), Lines{"alpn-mismatch both error proven"});
  EXPECT_EQ(line(diagnose_alpn_mismatch(session)), "both error proven client-alert");
  EXPECT_EQ(diagnose_alpn_mismatch(session)->codes.alert, 120);
  SessionReport proxied = left({"h2"});
  LegScript client = offering({"h2"}, LegScript::client_leg());
  client.server_hello(0x0304, 0x1301).alert("client", 120).close("client", "fin");
  proxied.client_leg = client.leg();
  EXPECT_EQ(line(diagnose_alpn_mismatch(proxied)), "both error proven client-alert");
  proxied.mirror.answer = "own";
  EXPECT_EQ(line(diagnose_alpn_mismatch(proxied)), "both error likely client-alert");
  LegScript other = offering({"h2"});
  other.server_hello(0x0303, 0xc02f).alert("client", 40).close("client", "fin");
  EXPECT_EQ(line(diagnose_alpn_mismatch(passed_session(other.leg()))), "none");
}

TEST(FindingAlpnMismatch, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"it speaks HTTP/1.1 too",
       [](SessionReport& s) { s.client_leg->client_hello->alpn->push_back("http/1.1"); }},
      {"one was chosen", [](SessionReport& s) { s.client_leg->established->alpn = "h2"; }},
      {"it asked for something", [](SessionReport& s) { s.client_to_backend_bytes = 1; }},
      {"the backend left", [](SessionReport& s) { s.client_leg->close->by = "proxy"; }},
      {"nothing is offered", [](SessionReport& s) { s.backend_leg->client_hello->alpn.reset(); }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = left({"h2"});
    change(session);
    EXPECT_EQ(line(diagnose_alpn_mismatch(session)), "none") << what;
  }
  LegScript other = offering({"h2"});
  other.alert("backend", 40).close("backend", "fin");
  EXPECT_EQ(line(diagnose_alpn_mismatch(passed_session(other.leg()))), "none");
}

/// What was agreed on, and what the client's first request is.
SessionReport spoken(std::optional<std::string> alpn, const std::string& protocol) {
  SessionReport session = left({"h2", "http/1.1"});
  for (auto* leg : {&session.client_leg, &session.backend_leg}) (*leg)->established->alpn = alpn;
  HttpExchange& exchange = session.http.emplace_back();
  exchange.protocol = protocol;
  exchange.method = "GET";
  session.client_to_backend_bytes = 80;
  return session;
}

TEST(FindingUnexpectedH2, OneIsAgreedOnAndAnotherSpoken) {
  const auto http1 = diagnose_unexpected_h2(spoken("h2", "http/1.1"));
  EXPECT_EQ(line(http1), "client error proven proxy-check");
  expect_complete(*http1);
  EXPECT_EQ(line(diagnose_unexpected_h2(spoken("http/1.1", "http/2"))),
            "both error likely proxy-check");
  EXPECT_EQ(diagnose_unexpected_h2(spoken({}, "http/2"))->cause.substr(0, 22),
            "ALPN agreed on nothing");
}

TEST(FindingUnexpectedH2, NearMisses) {
  EXPECT_EQ(line(diagnose_unexpected_h2(spoken("h2", "http/2"))), "none");
  EXPECT_EQ(line(diagnose_unexpected_h2(spoken("http/1.1", "http/1.1"))), "none");
  EXPECT_EQ(line(diagnose_unexpected_h2(spoken({}, "http/1.1"))), "none");
  SessionReport answered = spoken({}, "http/2");
  answered.http[0].status = 200;
  EXPECT_EQ(line(diagnose_unexpected_h2(answered)), "none") << "by prior knowledge, and it works";
  SessionReport idle = spoken("h2", "http/2");
  idle.http.clear();
  EXPECT_EQ(line(diagnose_unexpected_h2(idle)), "none");
}

/// The client sent HTTP/2's preface and SETTINGS, and the backend closed.
SessionReport begun(std::optional<std::string> alpn, const std::string& closed_by = "backend") {
  LegScript client = offering({"http/1.1"}, LegScript::client_leg());
  client.server_hello(0x0304, 0x1301).established();
  LegScript backend = offering({"http/1.1"}, LegScript::backend_leg());
  backend.server_hello(0x0304, 0x1301).established().close(closed_by, "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  for (auto* leg : {&session.client_leg, &session.backend_leg}) (*leg)->established->alpn = alpn;
  session.http2_preface_only = true;
  session.client_to_backend_bytes = 33;
  return session;
}

TEST(FindingUnexpectedH2, ThePrefaceIsEnough) {
  SessionReport session = begun({});
  const auto finding = diagnose_unexpected_h2(session);
  EXPECT_EQ(line(finding), "both error likely proxy-check");
  expect_complete(*finding);
  EXPECT_NE(finding->cause.find("before the client has sent a request"), std::string::npos);
  EXPECT_EQ(line(diagnose_unexpected_h2(begun("http/1.1"))), "both error likely proxy-check");
  // An error page of HTTP/1 is no answer to it.
  session.backend_to_client_bytes = 150;
  EXPECT_EQ(lines(session), Lines{"unexpected-h2 both error likely"});
  session.findings = diagnose_session(session);
  EXPECT_FALSE(proxied_works(session));
  const auto again = read_session_json(render_json(session), nullptr);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->http2_preface_only);
  EXPECT_EQ(line(diagnose_unexpected_h2(*again)), "both error likely proxy-check");
}

TEST(FindingUnexpectedH2, APrefaceThatMayBeFine) {
  EXPECT_EQ(line(diagnose_unexpected_h2(begun("h2"))), "none") << "a spare connection";
  EXPECT_EQ(line(diagnose_unexpected_h2(begun({}, "client"))), "none") << "it left by itself";
  EXPECT_EQ(line(diagnose_unexpected_h2(begun({}, "proxy"))), "none") << "our time-out";
  SessionReport session = begun({});
  session.http2_preface_only = false;
  EXPECT_EQ(line(diagnose_unexpected_h2(session)), "none");
  EXPECT_EQ(render_json(session).find("http2_preface_only"), std::string::npos);
}

/// A server up to TLS 1.2 that was asked for renegotiation_info and has none.
LegScript unpatched(std::uint16_t version = 0x0303) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f, 0x00ff}).server_hello(version, 0xc02f).message("backend", "ServerHelloDone");
  return leg;
}

TEST(FindingRenegotiationInfoMissing, RefusedOrTaken) {
  LegScript refused = unpatched();
  refused.alert("client", 40).close("client", "fin");
  EXPECT_EQ(lines(passed_session(refused.leg())),
            Lines{"renegotiation-info-missing backend error likely"});
  LegScript taken = unpatched();
  taken.established();
  EXPECT_EQ(lines(passed_session(taken.leg())),
            Lines{"renegotiation-info-missing backend warning proven"});
}

TEST(FindingRenegotiationInfoMissing, NearMisses) {
  const auto diagnose = diagnose_renegotiation_info_missing;
  LegScript there = unpatched();
  there->server_hello->extensions = {code_point(ExtensionType{0xff01})};
  there.established();
  EXPECT_EQ(line(diagnose(passed_session(there.leg()))), "none");
  LegScript modern = unpatched(0x0304);
  modern.established();
  EXPECT_EQ(line(diagnose(passed_session(modern.leg()))), "none");
  LegScript unasked = unpatched();
  unasked->client_hello->ciphers.pop_back();
  unasked.established();
  EXPECT_EQ(line(diagnose(passed_session(unasked.leg()))), "none");
  LegScript untrusted = unpatched();
  untrusted.alert("client", 48).close("client", "fin");
  EXPECT_EQ(line(diagnose(passed_session(untrusted.leg()))), "none");
  LegScript later = unpatched();
  later.message("client", "ClientKeyExchange").alert("client", 40).close("client", "fin");
  EXPECT_EQ(line(diagnose(passed_session(later.leg()))), "none");
}

}  // namespace
}  // namespace visavis::inspect
