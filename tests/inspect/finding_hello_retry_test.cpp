#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

CodePoint group(std::uint16_t value) { return code_point(NamedGroup{value}); }

/// A hello with a share of x25519 that offers secp256r1 as well, and a request for `asked`.
LegScript asked_again(std::uint16_t asked, LegScript leg = LegScript::direct_leg()) {
  leg.hello({0x1301}, {0x0304});
  leg->client_hello->groups = {group(29), group(23)};
  leg->client_hello->key_share_groups = {group(29)};
  leg.server_hello(0x0304, 0x1301);
  leg->events.back().what = "HelloRetryRequest";
  leg->server_hello->random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  leg->server_hello->key_share_group = group(asked);
  leg->hello_retry = true;
  return leg;
}

TEST(FindingHelloRetryLoop, ASecondRequest) {
  LegScript leg = asked_again(23);
  leg.message("client", "ClientHello").message("backend", "HelloRetryRequest");
  leg.alert("client", 10).close("client", "fin");
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(line(diagnose_hello_retry_loop(session)), "backend error proven client-alert");
  EXPECT_EQ(lines(session), Lines{"hello-retry-loop backend error proven"});
  EXPECT_EQ(diagnose_hello_retry_loop(session)->codes.alert, 10);
}

TEST(FindingHelloRetryLoop, AGroupThatCantBeMeant) {
  for (const std::uint16_t asked : std::initializer_list<std::uint16_t>{29, 24}) {
    LegScript leg = asked_again(asked);
    leg.alert("client", 47).close("client", "fin");
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(lines(session), Lines{"hello-retry-loop backend error proven"}) << asked;
    const auto finding = diagnose_hello_retry_loop(session);
    EXPECT_EQ(finding->title, asked == 29
                                  ? "The backend asks by HelloRetryRequest for a key share of "
                                    "x25519, which the hello has already"
                                  : "The backend asks by HelloRetryRequest for the group "
                                    "secp384r1, which the client does not offer");
    EXPECT_EQ(finding->codes.alert, 47);
  }
}

TEST(FindingHelloRetryLoop, OfOurOwnHelloIsLikelyOnly) {
  LegScript backend = asked_again(29, LegScript::backend_leg());
  backend.alert("proxy", 47).close("proxy", "fin");
  SessionReport session = session_of(std::nullopt, backend.leg());
  EXPECT_EQ(line(diagnose_hello_retry_loop(session)), "backend error proven proxy-check");
  session.mirror.hello = "default";
  EXPECT_EQ(line(diagnose_hello_retry_loop(session)), "backend error likely proxy-check");
}

TEST(FindingHelloRetryUnsupported, TheBackendRefusesTheSecondHello) {
  for (const int alert : {10, 40, 47, 50, -1}) {
    LegScript leg = asked_again(23);
    leg.message("client", "ClientHello");
    if (alert >= 0) leg.alert("backend", static_cast<std::uint8_t>(alert));
    leg.close("backend", "fin");
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(lines(session), Lines{"hello-retry-unsupported backend error likely"}) << alert;
  }
}

TEST(FindingHelloRetryUnsupported, TheClientSendsNoSecondHello) {
  LegScript leg = asked_again(23);
  leg.alert("client", 10).close("client", "fin");
  SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(line(diagnose_hello_retry_unsupported(session)), "client error likely client-alert");
  EXPECT_EQ(lines(session), Lines{"hello-retry-unsupported client error likely"});
  LegScript left = asked_again(23);
  left.close("client", "rst");
  EXPECT_EQ(line(diagnose_hello_retry_unsupported(passed_session(left.leg()))),
            "client error likely proxy-check");
}

TEST(FindingHelloRetry, NearMisses) {
  using Change = void (*)(LegScript&);
  const std::pair<const char*, Change> changes[] = {
      {"it went on",
       [](LegScript& leg) {
         leg.message("client", "ClientHello").server_hello(0x0304, 0x1301).established();
       }},
      {"the second hello was answered, and something else failed",
       [](LegScript& leg) {
         leg.message("client", "ClientHello").server_hello(0x0304, 0x1301);
         leg.alert("client", 48).close("client", "fin");
       }},
      {"a binder of the second hello is wrong",
       [](LegScript& leg) {
         leg.message("client", "ClientHello").alert("backend", 51).close("backend", "fin");
       }},
      {"silence after the second hello: handshake-timeout's",
       [](LegScript& leg) { leg.message("client", "ClientHello").close("proxy", "timeout"); }},
      {"the client left much later",
       [](LegScript& leg) { leg.after_ms(5000).close("client", "fin"); }}};
  for (const auto& [what, change] : changes) {
    LegScript leg = asked_again(23);
    change(leg);
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(line(diagnose_hello_retry_loop(session)), "none") << what;
    EXPECT_EQ(line(diagnose_hello_retry_unsupported(session)), "none") << what;
  }
}

}  // namespace
}  // namespace visavis::inspect
