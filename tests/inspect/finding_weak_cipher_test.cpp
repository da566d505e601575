#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using Suites = std::initializer_list<std::uint16_t>;

SessionReport agreed(std::uint16_t suite) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f, suite}).server_hello(0x0303, suite).established();
  return passed_session(leg.leg());
}

SessionReport refused(Suites suites, std::uint8_t alert = 40) {
  LegScript leg = LegScript::direct_leg();
  leg.hello(suites).alert("backend", alert).close("backend", "fin");
  return passed_session(leg.leg());
}

/// RC4-MD5, RC4-SHA, DES, 3DES, ECDHE with 3DES and RC4, NULL, export, anonymous.
constexpr Suites kWeak{0x0004, 0x0005, 0x0009, 0x000a, 0xc012, 0xc011, 0x003b, 0x0008, 0x0034};

TEST(FindingWeakCipher, TheBackendChoseIt) {
  for (const std::uint16_t suite : kWeak)
    EXPECT_EQ(lines(agreed(suite)), Lines{"weak-cipher backend warning proven"}) << suite;
}

TEST(FindingWeakCipher, TheClientHasNothingElse) {
  EXPECT_EQ(lines(refused({0x0005, 0x000a, 0x00ff})),
            (Lines{"no-common-cipher both error likely", "weak-cipher client warning proven"}));
  EXPECT_EQ(line(diagnose_weak_cipher(refused({0x0005}, 71))), "client warning proven proxy-check");
}

TEST(FindingWeakCipher, NearMisses) {
  for (const std::uint16_t suite : Suites{0xc02f, 0x002f, 0x0035, 0x1301, 0xcca8, 0x009e, 0x0033})
    EXPECT_EQ(line(diagnose_weak_cipher(agreed(suite))), "none") << suite;
  EXPECT_EQ(line(diagnose_weak_cipher(refused({0x0005, 0x002f}))), "none");
  EXPECT_EQ(line(diagnose_weak_cipher(refused({0x0005}, 80))), "none");
  EXPECT_EQ(line(diagnose_weak_cipher(refused({}))), "none");
  EXPECT_EQ(line(diagnose_weak_cipher(SessionReport{})), "none");
}

/// TLS 1.3 with a session id in the hello, and none in the answer.
LegScript without_echo() {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301}, {0x0304}).server_hello(0x0304, 0x1301);
  leg->client_hello->session_id = "0badcafe";
  leg->client_hello->extensions = {{43, "supported_versions"}, {51, "key_share"}};
  leg->server_hello->extensions = {{43, "supported_versions"}, {51, "key_share"}};
  return leg;
}

TEST(FindingMiddleboxCompat, AnEmptyEcho) {
  LegScript leg = without_echo();
  leg.alert("client", 47).close("client", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())), Lines{"middlebox-compat backend error proven"});
}

TEST(FindingMiddleboxCompat, NearMisses) {
  using Change = void (*)(LegReport&);
  const std::pair<const char*, Change> changes[] = {
      {"none was sent", [](LegReport& leg) { leg.client_hello->session_id.clear(); }},
      {"it is there", [](LegReport& leg) { leg.server_hello->session_id = "0badcafe"; }},
      {"TLS 1.2 has no echo",
       [](LegReport& leg) { leg.server_hello->version = code_point(kTls12); }},
      {"it came about", [](LegReport& leg) { leg.outcome = "established"; }},
      {"no answer", [](LegReport& leg) { leg.server_hello.reset(); }}};
  for (const auto& [what, change] : changes) {
    LegScript leg = without_echo();
    change(*leg.operator->());
    EXPECT_EQ(line(diagnose_middlebox_compat(passed_session(leg.leg()), {})), "none") << what;
  }
}

}  // namespace
}  // namespace visavis::inspect
