#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "inspect/transcript/event.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_handshake_timeout;

LegScript answered(LegScript leg) {
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  return leg;
}

LegScript established(LegScript leg) {
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).established();
  return leg;
}

TEST(FindingHandshakeTimeout, AClientThatSaysNothingIsWorthALine) {
  LegScript client = LegScript::client_leg();
  client.tcp("client", tcp_note::kConnected).close("proxy", "timeout");
  const SessionReport session = session_of(client.leg(), std::nullopt);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client info likely proxy-check");
  EXPECT_NE(finding->cause.find("health check"), std::string::npos);
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
}

TEST(FindingHandshakeTimeout, AHelloThatDoesNotEnd) {
  LegScript client = LegScript::client_leg();
  client->raw_c2s = "1603010200010001fc";
  client.close("proxy", "timeout");
  const SessionReport session = session_of(client.leg(), std::nullopt);
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error likely proxy-check");
  EXPECT_NE(finding->cause.find("sent 4 of the 512 bytes of its ClientHello"), std::string::npos);
  expect_complete(*finding);
}

TEST(FindingHandshakeTimeout, TheClientAfterOurAnswer) {
  LegScript client = answered(LegScript::client_leg());
  client.close("proxy", "timeout");
  const SessionReport session =
      session_of(client.leg(), established(LegScript::backend_leg()).leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "client error likely proxy-check");
  EXPECT_EQ(finding->evidence.front().what, "the last message: ServerHello from the proxy");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
}

TEST(FindingHandshakeTimeout, TheBackendAfterItsServerHello) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).close("proxy", "fin");
  LegScript backend = answered(LegScript::backend_leg());
  backend.close("proxy", "timeout");
  SessionReport session = session_of(client.leg(), backend.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error likely proxy-check");
  EXPECT_EQ(finding->cause.find("client certificate"), std::string::npos);
  expect_complete(*finding);
  session.backend_leg->certificate_request.emplace();
  EXPECT_NE(diagnose(session)->cause.find("client certificate"), std::string::npos);
}

TEST(FindingHandshakeTimeout, APartOfAnAnswerIsAnAnswerThatStopped) {
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f});
  backend->raw_s2c = "160303";
  backend.close("proxy", "timeout");
  const SessionReport session = session_of(LegScript::client_leg().leg(), backend.leg());
  EXPECT_EQ(line(diagnose(session)), "backend error likely proxy-check");
  EXPECT_FALSE(diagnose_no_server_hello(session)) << "one cause, one finding";
}

/// How much of which message came, and whether its length can be right.
TEST(FindingHandshakeTimeout, NamesTheHalfMessage) {
  struct Half {
    std::string raw;
    std::string what;
    std::string more;
  };
  // A ServerHello of 44 bytes in a record of 44: 4 of header and 40 of body.
  const std::string hello = "02000028" + std::string(80, '0');
  const Half halves[] = {
      {"160303", "3 of the 5 bytes of its record header", ""},
      {"160303002c" + hello.substr(0, 40), "20 of the 44 bytes of its ServerHello", ""},
      {"160303002c" + hello.substr(0, 84), "42 of the 44 bytes of its ServerHello",
       "a wrong length field is likelier"},
      // The record's length is one too large, or the message's.
      {"160303002d" + hello, "49 of the 50 bytes of the record with its ServerHello",
       "its length field is wrong"},
      {"160303002c" + ("02000029" + hello.substr(8)), "44 of the 45 bytes of its ServerHello",
       "a wrong length field is likelier"},
      {"160303002c" + hello + "1603030064" + "0b000300" + std::string(20, '0'),
       "14 of the 772 bytes of its Certificate", ""},
      {"160303002c" + hello + "140303000101" + "1703030064" + "00",
       "6 of the 105 bytes of its encrypted record", ""},
  };
  for (const Half& half : halves) {
    SCOPED_TRACE(half.raw);
    LegScript backend = LegScript::backend_leg();
    backend.hello({0xc02f});
    backend->raw_s2c = half.raw;
    backend.close("proxy", "timeout");
    const auto finding = diagnose(session_of(LegScript::client_leg().leg(), backend.leg()));
    EXPECT_EQ(line(finding), "backend error likely proxy-check");
    EXPECT_EQ(finding->presented, half.what + ", then silence until the time-out");
    EXPECT_NE(finding->cause.find("It sent " + half.what), std::string::npos) << finding->cause;
    EXPECT_NE(finding->cause.find(half.more), std::string::npos) << finding->cause;
    expect_complete(*finding);
  }
}

/// Whole messages, and nothing begun; and bytes that the report had to cut.
TEST(FindingHandshakeTimeout, NamesNoHalfMessageWhereThereIsNone) {
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f});
  backend->raw_s2c = "160303002c02000028" + std::string(80, '0');
  backend.close("proxy", "timeout");
  const auto session_with = [](LegScript& leg) {
    return session_of(LegScript::client_leg().leg(), leg.leg());
  };
  EXPECT_EQ(diagnose(session_with(backend))->presented, "silence until the time-out");
  backend->raw_s2c = "1603030064";
  backend->raw_cut = true;
  EXPECT_EQ(diagnose(session_with(backend))->presented, "silence until the time-out");
  // Cut at every byte it is named, and nothing is read past the end.
  const std::string whole = "160303002c02000028" + std::string(80, '0') + "140303000101";
  backend->raw_cut = false;
  for (std::size_t cut = 2; cut < whole.size(); cut += 2) {
    backend->raw_s2c = whole.substr(0, cut);
    const bool between = cut == 98;  // after the ServerHello's record
    EXPECT_EQ(diagnose(session_with(backend))->presented == "silence until the time-out", between)
        << cut;
  }
}

/// On a direct leg the turn tells whose silence it is.
TEST(FindingHandshakeTimeout, OnADirectLeg) {
  LegScript client = answered(LegScript::direct_leg());
  client.close("proxy", "timeout");
  EXPECT_EQ(line(diagnose(passed_session(client.leg()))), "client error likely proxy-check");
  LegScript backend = answered(LegScript::direct_leg());
  backend.record(true, 22, 70).close("proxy", "timeout");
  EXPECT_EQ(line(diagnose(passed_session(backend.leg()))), "backend error likely proxy-check");
  LegScript nothing = LegScript::direct_leg();
  nothing.close("proxy", "timeout");
  EXPECT_EQ(line(diagnose(passed_session(nothing.leg()))), "client info likely proxy-check");
  LegScript mute = LegScript::direct_leg();
  mute.hello({0xc02f}).close("proxy", "timeout");
  EXPECT_FALSE(diagnose(passed_session(mute.leg())));
  EXPECT_TRUE(diagnose_no_server_hello(passed_session(mute.leg())));
}

TEST(FindingHandshakeTimeout, NearMisses) {
  LegScript idle = established(LegScript::client_leg());
  idle.close("proxy", "timeout");
  LegScript idle_backend = established(LegScript::backend_leg());
  idle_backend.close("proxy", "timeout");
  EXPECT_FALSE(diagnose(session_of(idle.leg(), idle_backend.leg()))) << "an idle connection";
  LegScript gone = answered(LegScript::client_leg());
  gone.close("client", "fin");
  EXPECT_FALSE(diagnose(session_of(gone.leg(), idle_backend.leg())));
  LegScript stopped = answered(LegScript::client_leg());
  stopped.close("proxy", "fin");
  stopped->failure = "the proxy was stopped";
  EXPECT_FALSE(diagnose(session_of(stopped.leg(), idle_backend.leg())));
  LegScript mute = LegScript::backend_leg();
  mute.hello({0xc02f}).close("proxy", "timeout");
  EXPECT_FALSE(diagnose(session_of(LegScript::client_leg().leg(), mute.leg())))
      << "before the ServerHello it is no-server-hello";
  LegScript dial = LegScript::backend_leg();
  dial.tcp("backend", tcp_note::kNoAnswer).close("proxy", "timeout");
  EXPECT_FALSE(diagnose(session_of(LegScript::client_leg().leg(), dial.leg())))
      << "backend-unreachable";
  LegScript plain = LegScript::client_leg();
  plain->outcome = "not-tls";
  plain.close("proxy", "timeout");
  EXPECT_FALSE(diagnose(session_of(plain.leg(), std::nullopt)));
  LegScript banner = LegScript::direct_leg();
  banner->raw_s2c = "323230";
  banner.close("proxy", "timeout");
  EXPECT_FALSE(diagnose(passed_session(banner.leg()))) << "the server greets first: not TLS";
  EXPECT_FALSE(diagnose(SessionReport{}));
}

}  // namespace
}  // namespace visavis::inspect
