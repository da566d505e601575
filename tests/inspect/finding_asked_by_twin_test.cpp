#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/rank.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

// A client of whose offer our library has nothing: only its direct twin asks the backend.
namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using Suites = std::initializer_list<std::uint16_t>;

/// `backend_leg` false: the trial of a profile, which has no leg of ours at all.
SessionReport asked_by_twin(Suites suites, std::uint8_t alert, std::uint16_t legacy = 0x0303,
                            bool backend_leg = true) {
  LegScript client = LegScript::client_leg();
  client.hello(suites, {}, legacy).alert("proxy", 40).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.tcp("proxy", "connected");
  backend->outcome = "incomplete";
  LegScript twin = LegScript::direct_leg();
  twin.hello(suites, {}, legacy).alert("backend", alert).close("backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  if (!backend_leg) session.backend_leg.reset();
  session.direct_leg = twin.leg();
  session.verdict.proxied = "failed";
  return session;
}

/// IE 6 on XP: SSL 3.0, whose refusal comes as handshake_failure.
TEST(FindingAskedByTwin, NoCommonVersion) {
  for (const bool backend_leg : {true, false}) {
    SessionReport session = asked_by_twin({0x0005, 0x002f}, 40, 0x0300, backend_leg);
    EXPECT_EQ(lines(session), Lines{"no-common-version both error likely"});
    session.findings = diagnose_session(session);
    rank_findings(session);
    EXPECT_EQ(session.findings.front().role, "cause");
    const auto finding = diagnose_no_common_version(session);
    EXPECT_EQ(line(finding), "both error likely backend-alert");
    EXPECT_EQ(finding->presented, "the client offers up to SSL 3.0");
    EXPECT_EQ(finding->evidence.back().leg, "direct_leg");
    EXPECT_EQ(finding->codes.alert, 40) << "as it came";
  }
  EXPECT_EQ(lines(asked_by_twin({0x002f}, 70, 0x0300)),
            Lines{"no-common-version both error proven"});
}

/// IE 8 on XP: RC4 and 3DES.
TEST(FindingAskedByTwin, NoCommonCipher) {
  for (const bool backend_leg : {true, false}) {
    const SessionReport session = asked_by_twin({0x0004, 0x0005, 0x000a}, 40, 0x0301, backend_leg);
    EXPECT_EQ(lines(session),
              (Lines{"no-common-cipher both error likely", "weak-cipher client warning proven"}));
    EXPECT_THAT(diagnose_no_common_cipher(session)->presented,
                HasSubstr("the client offers TLS_RSA_WITH_RC4_128_MD5"));
  }
  EXPECT_EQ(lines(asked_by_twin({0x00a8, 0x008c}, 40)),
            Lines{"no-common-cipher both error likely"});
}

TEST(FindingAskedByTwin, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"the twin was answered",
       [](SessionReport& s) {
         s.direct_leg->alerts.clear();
         s.direct_leg->close.reset();
         s.direct_leg->server_hello.emplace();
         s.direct_leg->server_hello->version = code_point(ProtocolVersion{0x0301});
         s.direct_leg->server_hello->cipher = code_point(CipherSuite{0x0005});
       }},
      {"no twin", [](SessionReport& s) { s.direct_leg.reset(); }},
      {"the client's handshake came about",
       [](SessionReport& s) { s.client_leg->outcome = "established"; }},
      {"our own hello was asked, and taken", [](SessionReport& s) {
         LegScript ours = LegScript::backend_leg();
         ours.hello({0xc02f}).server_hello(0x0303, 0xc02f).established();
         s.backend_leg = ours.leg();
       }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = asked_by_twin({0x0004, 0x0005}, 40, 0x0301);
    change(session);
    EXPECT_EQ(line(diagnose_no_common_cipher(session)), "none") << what;
    EXPECT_EQ(line(diagnose_no_common_version(session)), "none") << what;
    EXPECT_EQ(line(diagnose_weak_cipher(session)), "none") << what;
  }
}

}  // namespace
}  // namespace visavis::inspect
