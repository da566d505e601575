#include <gtest/gtest.h>

#include "inspect/findings/misfit.h"
#include "inspect/findings/rule.h"
#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using Numbers = std::initializer_list<std::uint16_t>;

std::vector<CodePoint> groups(Numbers values) {
  std::vector<CodePoint> points;
  for (const std::uint16_t value : values) points.push_back(code_point(NamedGroup{value}));
  return points;
}
std::vector<CodePoint> schemes(Numbers values) {
  std::vector<CodePoint> points;
  for (const std::uint16_t value : values) points.push_back(code_point(SignatureScheme{value}));
  return points;
}

constexpr Numbers kTls13Suites{0x1301, 0x1302, 0x1303};
constexpr Numbers kEcdheSuites{0xc02b, 0xc02f, 0xc02c, 0xc030};
constexpr Numbers kModernSchemes{0x0403, 0x0804, 0x0401};

LegScript hello(LegScript leg, Numbers suites, Numbers versions, Numbers of_groups,
                Numbers of_schemes) {
  leg.hello(suites, versions);
  leg->client_hello->groups = groups(of_groups);
  leg->client_hello->sig_algs = schemes(of_schemes);
  return leg;
}

/// The backend answers the mirrored hello by an alert.
SessionReport refused(Numbers suites, Numbers versions, Numbers of_groups, Numbers of_schemes,
                      std::uint8_t alert = 40) {
  LegScript client = hello(LegScript::client_leg(), suites, versions, of_groups, of_schemes);
  client.alert("proxy", alert).close("proxy", "fin");
  LegScript backend = hello(LegScript::backend_leg(), suites, versions, of_groups, of_schemes);
  backend.alert("backend", alert).close("backend", "fin");
  return session_of(client.leg(), backend.leg());
}

TEST(FindingNoCommonGroup, AnOrdinaryHelloWithoutTheGroupThatAllHave) {
  for (const SessionReport& session : {refused(kTls13Suites, {0x0304}, {29, 30}, kModernSchemes),
                                       refused(kEcdheSuites, {}, {25}, kModernSchemes)}) {
    EXPECT_EQ(lines(session), Lines{"no-common-group both error likely"});
    EXPECT_EQ(line(diagnose_no_common_group(session)), "both error likely backend-alert");
  }
}

TEST(FindingNoCommonSignature, AnOrdinaryHelloWithoutTheSchemesThatAllHave) {
  SessionReport none = refused(kEcdheSuites, {}, {23}, kModernSchemes);
  none.client_leg->client_hello->sig_algs.reset();
  none.backend_leg->client_hello->sig_algs.reset();
  for (const SessionReport& session :
       {refused(kTls13Suites, {0x0304}, {23, 29}, {0x0403, 0x0503}),
        refused(kTls13Suites, {0x0304}, {23, 29}, {0x0804, 0x0805}),
        refused(kEcdheSuites, {}, {23, 29}, {0x0201, 0x0203}), none}) {
    EXPECT_EQ(lines(session), Lines{"no-common-signature both error likely"});
    EXPECT_EQ(line(diagnose_no_common_signature(session)), "both error likely backend-alert");
  }
}

TEST(FindingMisfit, WhatLeavesTheSuitesInDoubtIsNoCommonCiphers) {
  const std::pair<const char*, SessionReport> cases[] = {
      {"one suite of TLS 1.3 only", refused({0x1302}, {0x0304}, {29}, {0x0403})},
      {"RSA suites only", refused({0xc02f, 0xc030}, {}, {25}, {0x0201})},
      {"a static RSA suite needs neither",
       refused({0xc02b, 0xc02f, 0x002f}, {}, {25}, {0x0201, 0x0203})},
      {"nothing is missing", refused(kTls13Suites, {0x0304}, {23, 29}, kModernSchemes)}};
  for (const auto& [what, session] : cases)
    EXPECT_EQ(lines(session), Lines{"no-common-cipher both error likely"}) << what;
}

TEST(FindingMisfit, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"another alert", [](SessionReport& s) { s.backend_leg->alerts[0].description.id = 80; }},
      {"a hello of our own", [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"a ServerHello came first", [](SessionReport& s) { s.backend_leg->server_hello.emplace(); }},
      {"a HelloRetryRequest came first",
       [](SessionReport& s) { s.backend_leg->hello_retry = true; }},
      {"it came about", [](SessionReport& s) { s.backend_leg->outcome = "established"; }},
      {"our hello lacks the client's groups",
       [](SessionReport& s) { s.client_leg->client_hello->groups = groups({30}); }},
      {"our own alert", [](SessionReport& s) { s.backend_leg->alerts[0].sent_by = "proxy"; }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = refused(kTls13Suites, {0x0304}, {29}, kModernSchemes);
    change(session);
    EXPECT_EQ(line(diagnose_no_common_group(session)), "none") << what;
    EXPECT_EQ(line(diagnose_no_common_signature(session)), "none") << what;
  }
}

TEST(FindingNoCommonGroup, ACurveThatWasNotOffered) {
  LegScript leg = hello(LegScript::direct_leg(), kEcdheSuites, {}, {29}, kModernSchemes);
  leg.server_hello(0x0303, 0xc02f).message("backend", "ServerKeyExchange");
  leg->key_exchange_group = code_point(NamedGroup{23});
  leg.alert("client", 47).close("client", "fin");
  SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), Lines{"no-common-group backend error proven"});
  EXPECT_EQ(line(diagnose_no_common_group(session)), "backend error proven client-alert");
  SessionReport offered = session;
  offered.direct_leg->key_exchange_group = code_point(NamedGroup{29});
  EXPECT_EQ(line(diagnose_no_common_group(offered)), "none");
  SessionReport any = session;
  any.direct_leg->client_hello->groups.reset();
  EXPECT_EQ(line(diagnose_no_common_group(any)), "none") << "RFC 8422 4: any group may be chosen";
}

/// On our own leg it is the client's list that counts.
TEST(FindingNoCommonGroup, ACurveThatOurHelloDidNotOffer) {
  LegScript client = hello(LegScript::client_leg(), kEcdheSuites, {}, {29}, kModernSchemes);
  LegScript backend = hello(LegScript::backend_leg(), kEcdheSuites, {}, {29}, kModernSchemes);
  backend.server_hello(0x0303, 0xc02f).message("backend", "ServerKeyExchange");
  backend->key_exchange_group = code_point(NamedGroup{23});
  backend.alert("proxy", 47).close("proxy", "fin");
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), Lines{"no-common-group backend error proven"});
  EXPECT_EQ(diagnose_no_common_group(session)->judged_by, "proxy-check");
  SessionReport other = session;
  other.client_leg->client_hello->groups = groups({29, 23});
  EXPECT_EQ(line(diagnose_no_common_group(other)), "none") << "the client offers it";
  other.client_leg->client_hello->groups.reset();
  EXPECT_EQ(line(diagnose_no_common_group(other)), "backend error likely proxy-check");
  other = session;
  other.mirror.hello = "default";
  EXPECT_EQ(line(diagnose_no_common_group(other)), "backend error likely proxy-check");
}

LegScript with_prime(std::uint32_t bits) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x009e}).server_hello(0x0303, 0x009e).message("backend", "ServerKeyExchange");
  leg->dh_bits = bits;
  return leg;
}

TEST(FindingDhTooSmall, TheClientRefuses) {
  for (const auto& [alert, confidence] :
       {std::pair{71, "proven"}, std::pair{40, "likely"}, std::pair{47, "likely"}}) {
    LegScript leg = with_prime(1024);
    leg.alert("client", static_cast<std::uint8_t>(alert)).close("client", "fin");
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(lines(session), Lines{std::string("dh-too-small backend error ") + confidence});
    EXPECT_EQ(diagnose_dh_too_small(session)->judged_by, "client-alert");
  }
  LegScript left = with_prime(768);
  left.close("client", "fin");
  EXPECT_EQ(line(diagnose_dh_too_small(passed_session(left.leg()))),
            "backend error likely proxy-check");
}

/// What a rule reads is in the log: a saved session gives the same findings.
TEST(FindingDhTooSmall, ReadBackFromJson) {
  LegScript leg = with_prime(1024);
  leg->key_exchange_group = code_point(NamedGroup{256});
  leg.alert("client", 71).close("client", "fin");
  const SessionReport session = passed_session(leg.leg());
  std::string problem;
  const auto read = read_session_json(render_json(session), &problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(read->direct_leg->dh_bits, 1024U);
  EXPECT_EQ(read->direct_leg->key_exchange_group, session.direct_leg->key_exchange_group);
  EXPECT_EQ(lines(*read), Lines{"dh-too-small backend error proven"});
}

TEST(FindingDhTooSmall, ItWorksHere) {
  for (const auto& [bits, expected] :
       {std::pair{512U, "backend error proven proxy-check"},
        std::pair{1024U, "backend warning proven proxy-check"},
        std::pair{2047U, "backend warning proven proxy-check"}, std::pair{2048U, "none"}}) {
    LegScript leg = with_prime(bits);
    leg.established();
    leg->established->dh_bits = bits;
    leg->dh_bits.reset();
    EXPECT_EQ(line(diagnose_dh_too_small(passed_session(leg.leg()))), expected) << bits;
  }
}

SessionReport refused_by_us(std::uint32_t bits, std::uint8_t alert = 40) {
  LegScript client = LegScript::client_leg();
  client.hello({0x009e}).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello({0x009e}).server_hello(0x0303, 0x009e).message("backend", "ServerKeyExchange");
  backend->dh_bits = bits;
  backend.alert("proxy", alert).close("proxy", "fin");
  return session_of(client.leg(), backend.leg());
}

/// Our library is one of those that refuse it; what it alone refuses is nobody else's fault.
TEST(FindingDhTooSmall, OurOwnLibraryRefuses) {
  for (const std::uint32_t bits : {512U, 768U, 1023U}) {
    const SessionReport session = refused_by_us(bits);
    EXPECT_EQ(lines(session), Lines{"dh-too-small backend error likely"}) << bits;
    EXPECT_EQ(line(diagnose_dh_too_small(session)), "backend error likely proxy-check");
  }
  const SessionReport strict = refused_by_us(1024);
  EXPECT_EQ(lines(strict), Lines{"dh-too-small proxy error likely"});
  EXPECT_EQ(line(diagnose_dh_too_small(refused_by_us(2048))), "none");
  EXPECT_EQ(line(diagnose_dh_too_small(refused_by_us(512, 48))), "none") << "the certificate";
  EXPECT_EQ(line(diagnose_dh_too_small(refused_by_us(1024, 47))), "none") << "the signature";
  SessionReport later = refused_by_us(512);
  later.backend_leg->events.push_back({99, 99, "proxy", "message", "ClientKeyExchange", 0});
  EXPECT_EQ(line(diagnose_dh_too_small(later)), "none") << "we took the prime";
}

TEST(FindingDhTooSmall, NearMisses) {
  LegScript large = with_prime(2048);
  large.alert("client", 40).close("client", "fin");
  EXPECT_EQ(line(diagnose_dh_too_small(passed_session(large.leg()))), "none");
  LegScript untrusted = with_prime(1024);
  untrusted.alert("client", 48).close("client", "fin");
  EXPECT_EQ(line(diagnose_dh_too_small(passed_session(untrusted.leg()))), "none");
  LegScript taken = with_prime(1024);
  taken.message("client", "ClientKeyExchange").alert("client", 40).close("client", "fin");
  EXPECT_EQ(line(diagnose_dh_too_small(passed_session(taken.leg()))), "none");
  LegScript backends = with_prime(1024);
  backends.alert("backend", 40).close("backend", "fin");
  EXPECT_EQ(line(diagnose_dh_too_small(passed_session(backends.leg()))), "none");
}

}  // namespace
}  // namespace visavis::inspect
