#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/inspect/judged_session.h"
#include "tests/support/hello_builder.h"

/// The rules that began with two legs, on the one leg of a connection that is passed on untouched.
namespace visavis::inspect {
namespace {

LegScript offering(std::initializer_list<std::uint16_t> versions) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301, 0xc02f}, versions);
  return leg;
}

TEST(FindingPassthrough, TheBackendRefusesEveryVersion) {
  LegScript leg = offering({0x0304});
  leg.alert("backend", 70).close("backend", "fin");
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), (Lines{"no-common-version both error proven"}));
  EXPECT_EQ(diagnose_session(session)[0].judged_by, "backend-alert");
  EXPECT_EQ(diagnose_session(session)[0].cause.find("proxy"), std::string::npos)
      << "nobody stands between";
}

TEST(FindingPassthrough, TheClientRefusesTheBackendsVersion) {
  LegScript leg = offering({});
  leg.server_hello(0x0301, 0xc013).alert("client", 70).close("client", "fin");
  leg->client_hello->ciphers.push_back(code_point(CipherSuite{0xc013}));
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), (Lines{"no-common-version both error proven"}));
  EXPECT_EQ(diagnose_session(session)[0].judged_by, "client-alert");
}

/// As gnutls-serv does.
TEST(FindingPassthrough, TheBackendSaysTheClientsAlertBack) {
  LegScript leg = offering({0x0304, 0x0303});
  leg.server_hello(0x0301, 0xc02f).alert("client", 70).alert("backend", 70);
  leg.close("backend", "fin");
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), (Lines{"no-common-version both error proven"}));
  EXPECT_NE(diagnose_session(session)[0].judged_by, "backend-alert");
}

TEST(FindingPassthrough, TheBackendChoosesAVersionThatIsNotOffered) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{47, 70}) {
    LegScript leg = offering({0x0304, 0x0303});
    leg.server_hello(0x0301, 0xc02f).alert("client", alert).close("client", "fin");
    EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"no-common-version both error proven"}))
        << "and the alert is explained by it";
  }
}

TEST(FindingPassthrough, SslThreeIsRefusedWithHandshakeFailure) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x0005, 0x000a}, {}, 0x0300).alert("backend", 40).close("backend", "fin");
  // RC4 and 3DES is all that it offers, which stands beside.
  EXPECT_EQ(lines(passed_session(leg.leg())),
            (Lines{"no-common-version both error likely", "weak-cipher client warning proven"}));
}

TEST(FindingPassthrough, AnAgreedVersionIsNone) {
  LegScript leg = offering({0x0304, 0x0303});
  leg.server_hello(0x0304, 0x1301).established();
  EXPECT_EQ(lines(passed_session(leg.leg())), Lines{});
}

TEST(FindingPassthrough, NoServerHello) {
  for (const auto& [by, how] :
       {std::pair{"backend", "fin"}, {"backend", "rst"}, {"proxy", "timeout"}}) {
    LegScript leg = offering({0x0304});
    leg.close(by, how);
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(lines(session), (Lines{"no-server-hello backend error likely"})) << how;
    EXPECT_EQ(diagnose_session(session)[0].evidence[0].what, "ClientHello sent by the client");
  }
  LegScript answered = offering({0x0304});
  answered.close("backend", "fin").alert("client", 40);
  EXPECT_EQ(lines(passed_session(answered.leg())), (Lines{"no-server-hello backend error likely"}))
      << "Java answers the FIN with an alert to nobody";
  LegScript left = offering({0x0304});
  left.close("client", "fin");
  EXPECT_EQ(lines(passed_session(left.leg())), Lines{}) << "the client left";
}

LegReport spoken(std::string_view client_bytes, std::string_view backend_bytes) {
  TranscriptBuilder builder(LegKind::direct_leg);
  builder.observe_connected(0, Party::client, std::nullopt);
  if (!client_bytes.empty())
    builder.observe_wire(10, Direction::c2s, test::text_bytes(client_bytes));
  if (!backend_bytes.empty())
    builder.observe_wire(20, Direction::s2c, test::text_bytes(backend_bytes));
  builder.observe_close(30, Party::backend, CloseHow::fin);
  return summarize_leg(builder.transcript());
}

TEST(FindingPassthrough, PlaintextFromTheClient) {
  const std::string get = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(lines(passed_session(spoken(get, "\x15\x03\x03\x00\x02\x02\x0a"))),
            (Lines{"plaintext-on-tls-port client error proven"}));
  EXPECT_EQ(lines(passed_session(spoken(get, ""))),
            (Lines{"plaintext-on-tls-port client error likely"}));
  EXPECT_EQ(lines(passed_session(spoken(get, "HTTP/1.1 400 Bad Request\r\n\r\n"))),
            (Lines{"plaintext-on-tls-port client error likely"}))
      << "nginx: The plain HTTP request was sent to HTTPS port";
}

TEST(FindingPassthrough, BothSpeakPlainOnAPlainPort) {
  EXPECT_EQ(lines(passed_session(spoken("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"))),
            Lines{});
  EXPECT_EQ(lines(passed_session(spoken("SSH-2.0-a\r\n", "SSH-2.0-b\r\n"))), Lines{});
  EXPECT_EQ(lines(passed_session(spoken("", "220 mail.example.com ESMTP\r\n"))), Lines{});
}

/// A direct leg beside the two others is a trial of ours: it is not what the session was.
TEST(FindingPassthrough, ATwinIsNotASession) {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).server_hello(0x0304, 0x1301).established();
  LegScript backend = LegScript::backend_leg();
  backend.hello({0x1301}).server_hello(0x0304, 0x1301).established();
  LegScript twin = LegScript::direct_leg();
  twin.hello({0x1301}).alert("backend", 40);
  SessionReport session = session_of(client.leg(), backend.leg());
  session.direct_leg = twin.leg();
  EXPECT_EQ(lines(session), Lines{});
  session.backend_leg.reset();
  EXPECT_EQ(lines(session), Lines{});
}

}  // namespace
}  // namespace visavis::inspect
