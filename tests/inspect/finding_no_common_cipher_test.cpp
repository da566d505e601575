#include <gtest/gtest.h>

#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_no_common_cipher;

using Suites = std::initializer_list<std::uint16_t>;
constexpr Suites kRsaOnly{0xc02f, 0x009c, 0x002f, 0x00ff};
constexpr Suites kEcdsaOnly{0xc02b, 0xc009};

/// The backend's answer to the mirrored hello is an alert, and the client is told the same.
SessionReport refused(Suites suites, std::uint8_t alert,
                      std::initializer_list<std::uint16_t> versions = {}) {
  LegScript client = LegScript::client_leg();
  client.hello(suites, versions).alert("proxy", alert).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello(suites, versions).alert("backend", alert).close("backend", "fin");
  return session_of(client.leg(), backend.leg());
}

SessionReport refused_directly(Suites suites, std::uint8_t alert) {
  LegScript leg = LegScript::direct_leg();
  leg.hello(suites).alert("backend", alert).close("backend", "fin");
  return passed_session(leg.leg());
}

TEST(FindingNoCommonCipher, HandshakeFailureIsOnlyLikely) {
  const SessionReport session = refused(kRsaOnly, 40);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "both error likely backend-alert");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  EXPECT_EQ(finding->evidence.back().what,
            "fatal handshake_failure (40) received from the backend");
  EXPECT_EQ(finding->presented,
            "the client offers TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
            "TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA");
  EXPECT_EQ(finding->codes.schannel_event, 36874);
  EXPECT_EQ(finding->codes.alert, 40);
  EXPECT_EQ(finding->codes.hresult, "0x80090326");
  EXPECT_EQ(finding->codes.firefox, "SSL_ERROR_NO_CYPHER_OVERLAP");
}

TEST(FindingNoCommonCipher, ItNamesWhatElseTheAlertCanMean) {
  const auto rsa = diagnose(refused(kRsaOnly, 40));
  EXPECT_NE(rsa->cause.find("whose only certificate is ECDSA"), std::string::npos);
  EXPECT_NE(rsa->cause.find("no site for the name 'shop.example.com'"), std::string::npos);
  EXPECT_NE(rsa->cause.find("stands for SHA-1"), std::string::npos);
  const auto static_rsa = diagnose(refused({0x002f, 0x009c}, 40));
  EXPECT_EQ(static_rsa->cause.find("SHA-1"), std::string::npos) << "nothing is signed there";
  const auto ecdsa = diagnose(refused(kEcdsaOnly, 40));
  EXPECT_NE(ecdsa->cause.find("whose only certificate is RSA"), std::string::npos);
  SessionReport nameless = refused({0xc02b, 0xc02f}, 40);
  nameless.client_leg->client_hello->sni.reset();
  nameless.client_leg->client_hello->groups = {code_point(NamedGroup{23})};
  nameless.client_leg->client_hello->sig_algs = {code_point(SignatureScheme{0x0403})};
  const auto both = diagnose(nameless);
  EXPECT_NE(both->cause.find("a certificate of another key type"), std::string::npos);
  EXPECT_NE(both->cause.find("no group in common (secp256r1)"), std::string::npos);
  EXPECT_NE(both->cause.find("(ecdsa_secp256r1_sha256)"), std::string::npos);
  EXPECT_NE(both->cause.find("missing server name"), std::string::npos);
}

/// RFC 5246 7.2.2 has insufficient_security for the suites alone; RFC 8446 6.2 for any parameter.
TEST(FindingNoCommonCipher, InsufficientSecuritySinglesTheSuitesOut) {
  EXPECT_EQ(line(diagnose(refused(kRsaOnly, 71))), "both error proven backend-alert");
  EXPECT_EQ(line(diagnose(refused({0x1301, 0xc02f}, 71, {0x0304, 0x0303}))),
            "both error likely backend-alert");
  EXPECT_EQ(diagnose(refused(kRsaOnly, 71))->codes.hresult, "0x80090331");
}

TEST(FindingNoCommonCipher, WhatOurHelloLacksIsOurLimit) {
  SessionReport session = refused({0x0005, 0xc02f}, 40);
  session.backend_leg->client_hello->ciphers.erase(
      session.backend_leg->client_hello->ciphers.begin());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "proxy error likely backend-alert");
  EXPECT_EQ(finding->presented, "a hello without TLS_RSA_WITH_RC4_128_SHA");
  expect_complete(*finding);
  session = refused({0x0005, 0xc02f}, 71);
  session.backend_leg->client_hello->ciphers.erase(
      session.backend_leg->client_hello->ciphers.begin());
  EXPECT_EQ(line(diagnose(session)), "proxy error likely backend-alert");
}

TEST(FindingNoCommonCipher, SignallingValuesAreNoSuites) {
  SessionReport session = refused(kRsaOnly, 40);
  session.backend_leg->client_hello->ciphers.pop_back();  // 0x00ff
  session.client_leg->client_hello->ciphers.insert(
      session.client_leg->client_hello->ciphers.begin(), code_point(CipherSuite{0x0a0a}));
  EXPECT_EQ(line(diagnose(session)), "both error likely backend-alert");
}

TEST(FindingNoCommonCipher, OnADirectLeg) {
  const SessionReport session = refused_directly(kRsaOnly, 40);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "both error likely backend-alert");
  EXPECT_EQ(finding->evidence.back().leg, "direct_leg");
  expect_evidence_exists(session, *finding);
}

/// The backend answers with a suite that was not in the list: proof without anybody's alert.
TEST(FindingNoCommonCipher, AChoiceThatWasNotOffered) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f, 0x009c});
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f, 0x009c}).server_hello(0x0303, 0x002f).alert("proxy", 47);
  const SessionReport session = session_of(client.leg(), backend.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error proven proxy-check");
  EXPECT_NE(finding->cause.find("ends as that of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            std::string::npos)
      << "0x2f is the second byte of both";
  EXPECT_EQ(finding->source, "RFC 5246 7.4.1.3");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);

  LegScript direct = LegScript::direct_leg();
  direct.hello({0xc02f}).server_hello(0x0303, 0x0035).alert("client", 47).close("client", "fin");
  const SessionReport passed = passed_session(direct.leg());
  const auto directly = diagnose(passed);
  EXPECT_EQ(line(directly), "backend error proven client-alert");
  EXPECT_EQ(directly->evidence.back().what,
            "fatal illegal_parameter (47) received from the client");
}

TEST(FindingNoCommonCipher, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"another alert", [](SessionReport& s) { s.backend_leg->alerts[0].description.id = 80; }},
      {"a warning", [](SessionReport& s) { s.backend_leg->alerts[0].level = "warning"; }},
      {"our own alert", [](SessionReport& s) { s.backend_leg->alerts[0].sent_by = "proxy"; }},
      {"no alert", [](SessionReport& s) { s.backend_leg->alerts.clear(); }},
      {"our own hello", [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"a ServerHello came first: a client certificate, secure renegotiation",
       [](SessionReport& s) {
         s.backend_leg->server_hello.emplace();
         s.backend_leg->server_hello->cipher = s.client_leg->client_hello->ciphers.front();
       }},
      {"after a HelloRetryRequest the suite stands",
       [](SessionReport& s) { s.backend_leg->hello_retry = true; }},
      {"after the handshake", [](SessionReport& s) { s.backend_leg->outcome = "established"; }},
      {"SSL 3.0, refused for its version",
       [](SessionReport& s) {
         s.client_leg->client_hello->legacy_version = code_point(ProtocolVersion{0x0300});
       }},
      {"no hello of ours", [](SessionReport& s) { s.backend_leg->client_hello.reset(); }},
      {"no client leg", [](SessionReport& s) { s.client_leg.reset(); }},
      {"no backend leg", [](SessionReport& s) { s.backend_leg.reset(); }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = refused(kRsaOnly, 40);
    change(session);
    EXPECT_EQ(line(diagnose(session)), "none") << what;
  }
  EXPECT_EQ(line(diagnose(SessionReport{})), "none");
}

TEST(FindingNoCommonCipher, AChoiceThatOnlyTheProxyDidNotOfferProvesNothing) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f, 0x0005});
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0x0005).alert("proxy", 47);
  EXPECT_EQ(line(diagnose(session_of(client.leg(), backend.leg()))), "none");
}

}  // namespace
}  // namespace visavis::inspect
