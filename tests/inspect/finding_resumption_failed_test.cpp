#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/findings/resumption.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

/// Up to TLS 1.2: the same session id comes back.
LegScript resumed(bool same_id = true, bool ems = true) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f});
  leg->client_hello->session_id = "a1b2";
  leg->client_hello->session_ticket_len = 176;
  leg->client_hello->extensions = {code_point(kExtendedMasterSecret)};
  leg.server_hello(0x0303, 0xc02f);
  leg->server_hello->session_id = same_id ? "a1b2" : "ffee";
  if (ems) leg->server_hello->extensions = {code_point(kExtendedMasterSecret)};
  return leg;
}

LegScript resumed13(bool accepted = true) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301}, {0x0304});
  leg->client_hello->session_id = "a1b2";
  leg->client_hello->psk_identities = 1;
  leg->client_hello->extensions = {code_point(kPreSharedKey), code_point(kSupportedVersions),
                                   code_point(kKeyShare)};
  leg.server_hello(0x0304, 0x1301);
  leg->server_hello->session_id = "a1b2";
  leg->server_hello->extensions = {code_point(kSupportedVersions), code_point(kKeyShare)};
  if (accepted) leg->server_hello->extensions.push_back(code_point(kPreSharedKey));
  return leg;
}

std::vector<std::string> ended(LegScript leg, const std::string& by, std::uint8_t alert) {
  leg.alert(by, alert).close(by, "fin");
  return lines(passed_session(leg.leg()));
}

const Lines kFound{"resumption-failed both error likely"};

TEST(FindingResumptionFailed, AcceptedAndThenBrokenOff) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{20, 40, 51}) {
    EXPECT_EQ(ended(resumed(), "client", alert), kFound) << int{alert};
    EXPECT_EQ(ended(resumed(), "backend", alert), kFound) << int{alert};
    EXPECT_EQ(ended(resumed13(), "client", alert), kFound) << int{alert};
  }
  for (const std::string how : {"fin", "rst"}) {
    LegScript leg = resumed();
    leg.close("backend", how);
    EXPECT_EQ(lines(passed_session(leg.leg())), kFound);
  }
}

TEST(FindingResumptionFailed, WithoutTheMasterSecretOfTheFirstTimeItIsEmsMismatch) {
  EXPECT_EQ(ended(resumed(true, false), "client", 40),
            (Lines{"ems-mismatch backend error likely"}));
  LegScript leg = resumed(true, false);
  leg.alert("client", 40).close("client", "fin");
  EXPECT_EQ(diagnose_session(passed_session(leg.leg())).front().source, "RFC 7627 5.3");
}

TEST(FindingResumptionFailed, ABinderThatDoesNotVerify) {
  for (const auto& [alert, found] :
       {std::pair{51, true}, std::pair{47, true}, std::pair{70, false}}) {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0x1301}, {0x0304});
    leg->client_hello->psk_identities = 1;
    leg.alert("backend", static_cast<std::uint8_t>(alert)).close("backend", "fin");
    const auto all = diagnose_session(passed_session(leg.leg()));
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.front().id == "resumption-failed", found) << alert;
    EXPECT_EQ(all.front().cause.find("binder") != std::string::npos, found);
  }
}

/// A server that can't resume makes a full handshake. RFC 5246 7.3.
TEST(FindingResumptionFailed, BrokenOffWhereAFullHandshakeWasDue) {
  const auto offered = [] {
    LegScript leg = LegScript::direct_leg();
    leg.hello({0xc02f}, {0x0304, 0x0303});
    leg->client_hello->session_id = "a1b2";
    leg->client_hello->session_ticket_len = 176;
    leg->client_hello->extensions = {code_point(kExtendedMasterSecret)};
    return leg;
  };
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 47, 50, 80})
    EXPECT_EQ(ended(offered(), "backend", alert), (Lines{"resumption-failed backend error likely"}))
        << int{alert};
  // Both may be: what closes without a word may refuse everybody.
  for (const std::string how : {"fin", "rst"}) {
    LegScript leg = offered();
    leg.close("backend", how);
    EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"no-server-hello backend error likely",
                                                       "resumption-failed backend error likely"}));
  }
  // About versions and names, whatever else the hello offers.
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{70, 86, 112, 120})
    EXPECT_THAT(ended(offered(), "backend", alert),
                ::testing::Not(::testing::Contains(::testing::HasSubstr("resumption-failed"))))
        << int{alert};
  LegScript silent = offered();
  silent.close("proxy", "timeout");
  EXPECT_EQ(lines(passed_session(silent.leg())), (Lines{"no-server-hello backend error likely"}));
}

TEST(FindingResumptionFailed, NearMisses) {
  EXPECT_NE(ended(resumed(false), "client", 20), kFound) << "refused: a full handshake";
  EXPECT_NE(ended(resumed13(false), "client", 20), kFound) << "TLS 1.3 echoes every session id";
  LegScript fine = resumed();
  fine.established().close("client", "fin");
  EXPECT_EQ(lines(passed_session(fine.leg())), Lines{});
  LegScript left = resumed();
  left.close("client", "fin");
  EXPECT_EQ(lines(passed_session(left.leg())), Lines{}) << "the client's own choice";
  LegScript first = resumed();
  first->client_hello->session_id.clear();
  first->client_hello->session_ticket_len = 0;
  first->server_hello->session_id = "0102";
  EXPECT_FALSE(resumption_offered(first.leg()));
  EXPECT_FALSE(resumption_accepted(first.leg()));
}

/// Browsers fill the session id in for middleboxes: it is no session.
TEST(FindingResumptionFailed, AFilledInSessionIdOffersNothing) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301, 0xc02f}, {0x0304, 0x0303});
  leg->client_hello->session_id = "a1b2";
  EXPECT_FALSE(resumption_offered(leg.leg()));
  leg->client_hello->session_ticket_len = 176;
  EXPECT_TRUE(resumption_offered(leg.leg()));
}

}  // namespace
}  // namespace visavis::inspect
