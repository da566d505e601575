#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;

constexpr std::uint8_t kHandshakeType = 22;
constexpr std::uint8_t kData = 23;

/// A handshake as a witness of the wire sees it, and the client's request.
LegScript passed(std::uint16_t version = 0x0303) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).server_hello(version, 0xc02f).message("client", "ClientKeyExchange");
  leg.message("client", "ChangeCipherSpec").record(true, kHandshakeType, 40);
  leg.message("backend", "ChangeCipherSpec").record(false, kHandshakeType, 40);
  leg.established().record(true, kData, 100);
  return leg;
}

/// Where we end the TLS: messages are read.
LegScript ended(LegScript leg) {
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).established();
  return leg;
}

Lines of(LegScript& leg) { return lines(passed_session(leg.leg())); }

TEST(FindingRenegotiationRefused, ByTheClientThatTheBackendAsks) {
  for (const std::string answer : {"alert", "client fin", "backend fin", "proxy timeout"}) {
    SCOPED_TRACE(answer);
    LegScript leg = passed();
    leg.record(false, kHandshakeType, 28);
    if (answer == "alert") leg.encrypted_alert("client").close("backend", "fin");
    if (answer == "client fin") leg.close("client", "fin");
    if (answer == "backend fin") leg.close("backend", "fin");
    if (answer == "proxy timeout") leg.close("proxy", "timeout");
    EXPECT_EQ(of(leg), (Lines{"renegotiation-refused both error likely"}));
  }
}

TEST(FindingRenegotiationRefused, ByTheBackendThatTheClientAsks) {
  for (const std::string answer : {"alert", "fin", "rst"}) {
    SCOPED_TRACE(answer);
    LegScript leg = passed();
    leg.record(true, kHandshakeType, 240);
    if (answer == "alert")
      leg.encrypted_alert("backend").close("client", "fin");
    else
      leg.close("backend", answer);
    EXPECT_EQ(of(leg), (Lines{"renegotiation-refused client error likely"}));
  }
}

TEST(FindingRenegotiationRefused, IsWorthALineWhereDataCameAllTheSame) {
  LegScript leg = passed();
  leg.record(false, kHandshakeType, 28).encrypted_alert("client").record(false, kData, 900);
  leg.close("backend", "fin");
  EXPECT_EQ(of(leg), (Lines{"renegotiation-refused both info likely"}));
}

TEST(FindingRenegotiationRefused, IsNotFoundWhereBothAgree) {
  LegScript asked = passed();
  asked.record(false, kHandshakeType, 28).record(true, kHandshakeType, 240);
  asked.record(false, kHandshakeType, 90).record(false, kData, 900).close("backend", "fin");
  EXPECT_EQ(of(asked), Lines{});
  LegScript begun = passed();
  begun.record(true, kHandshakeType, 240).record(false, kHandshakeType, 90);
  begun.record(false, kData, 900).close("backend", "fin");
  EXPECT_EQ(of(begun), Lines{});
}

TEST(FindingRenegotiationRefused, NearMisses) {
  // A client that is done says close_notify, whatever it is asked.
  LegScript done = passed();
  done.record(false, kData, 900).record(false, kHandshakeType, 28).encrypted_alert("client");
  done.close("client", "fin");
  EXPECT_EQ(of(done), Lines{});
  LegScript left = passed();
  left.record(true, kHandshakeType, 240).close("client", "fin");
  EXPECT_THAT(of(left), ::testing::Not(::testing::Contains(HasSubstr("renegotiation"))));
  LegScript plain = passed();
  plain.encrypted_alert("client").close("client", "fin");
  EXPECT_THAT(of(plain), ::testing::Not(::testing::Contains(HasSubstr("renegotiation"))));
  LegScript stopped = passed();
  stopped.record(false, kHandshakeType, 28).close("proxy", "fin");
  stopped->failure = "the proxy was stopped";
  EXPECT_EQ(of(stopped), Lines{});
  // TLS 1.3 has none.
  LegScript modern = passed(0x0304);
  modern.record(false, kHandshakeType, 28).encrypted_alert("client").close("backend", "fin");
  EXPECT_THAT(of(modern), ::testing::Not(::testing::Contains(HasSubstr("renegotiation"))));
}

/// We refuse by ourselves: the backend was never asked.
TEST(FindingRenegotiationRefused, ByUsIsOurOwnLimit) {
  LegScript client = ended(LegScript::client_leg());
  client.record(true, kData, 100).message("client", "ClientHello").alert("proxy", 100, "warning");
  client.alert("client", 40).close("proxy", "fin");
  LegScript backend = ended(LegScript::backend_leg());
  backend.record(true, kData, 100).close("proxy", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = 70;
  EXPECT_EQ(lines(session), (Lines{"renegotiation-refused proxy error proven"}));
  // A client that goes on all the same.
  LegScript patient = ended(LegScript::client_leg());
  patient.record(true, kData, 100).message("client", "ClientHello").alert("proxy", 100, "warning");
  patient.record(false, kData, 900).close("client", "fin");
  EXPECT_EQ(lines(session_of(patient.leg(), ended(LegScript::backend_leg()).leg())),
            (Lines{"renegotiation-refused proxy info proven"}));
}

/// We agree by ourselves: what the client would have said is not known.
TEST(FindingRenegotiationRefused, IsAWarningWhereWeAgreedInTheClientsStead) {
  LegScript backend = ended(LegScript::backend_leg());
  backend.record(true, kData, 100).message("backend", "HelloRequest");
  backend.message("proxy", "ClientHello").message("backend", "ServerHello").record(false, kData, 9);
  backend.close("backend", "fin");
  LegScript client = ended(LegScript::client_leg());
  client.close("proxy", "fin");
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), (Lines{"renegotiation-refused backend warning likely"}));
  EXPECT_THAT(diagnose_session(session).front().cause, HasSubstr("the client was not asked"));
}

}  // namespace
}  // namespace visavis::inspect
