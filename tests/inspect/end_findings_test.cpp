// What a device between the two ends can do to a connection, one by one, packet by packet.
#include "inspect/findings/end_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "inspect/experiment/end_comparison.h"
#include "tests/inspect/end_captures.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ByteVector hello(test::HelloBytes hello = {
                     .extensions = {test::server_name("www.example.com"), {23}, {22}}}) {
  return test::record(22, 0x0301, hello.message());
}
ByteVector server_hello(std::uint8_t random = 0x22) {
  return test::record(22, 0x0303,
                      test::ServerHelloBytes{
                          .random = ByteVector(32, random), .cipher = 0xc02f, .extensions = {{23}}}
                          .message());
}
ByteVector alert(std::uint8_t description) { return test::record(21, 0x0303, {2, description}); }
ByteVector data(std::size_t bytes, std::uint8_t value = 7) {
  return test::record(23, 0x0303, ByteVector(bytes, value));
}

/// All findings that the way is to blame for, "ID SEVERITY CONFIDENCE", each held to be complete.
std::vector<std::string> found(const ComparisonReport& comparison) {
  std::vector<std::string> all;
  for (const FindingReport& finding : comparison.findings) {
    if (finding.side != side::kNetwork) continue;
    all.push_back(finding.id + ' ' + finding.severity + ' ' + finding.confidence);
    expect_complete(finding);
    EXPECT_FALSE(finding.evidence.empty());
  }
  return all;
}

ComparisonReport compared(const BothEnds& ends, bool told = false) {
  ComparisonReport comparison;
  const auto client = sessions_in(ends.client.packets);
  const auto server = sessions_in(ends.server.packets);
  compare_ends(client, server, match_ends(client, server, told), comparison);
  return comparison;
}

std::string presented(const BothEnds& ends) {
  const ComparisonReport comparison = compared(ends);
  return comparison.findings.empty() ? "" : comparison.findings.front().presented;
}

TEST(EndFindings, AnAlteredHelloSaysWhatChanged) {
  struct Case {
    test::HelloBytes got;
    const char* presented;
  };
  using test::server_name;
  const std::vector<Case> cases{
      {{.extensions = {server_name("www.example.com"), {22}}},
       "extensions: extended_master_secret taken out"},
      {{.extensions = {server_name("www.example.com"), {23}, {22}, {35}}},
       "extensions: session_ticket put in"},
      {{.extensions = {server_name("www.example.com"), {22}, {23}}},
       "extensions: in another order"},
      {{.ciphers = {0x1301}, .extensions = {server_name("www.example.com"), {23}, {22}}},
       "suites: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 taken out"},
      {{.legacy_version = 0x0301, .extensions = {server_name("www.example.com"), {23}, {22}}},
       "legacy_version: TLS 1.2 became TLS 1.0"},
      {{.extensions = {server_name("www.example.org"), {23}, {22}}},
       "server name: www.example.com became www.example.org"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.presented);
    BothEnds ends;
    ends.syn().say(true, hello(), hello(each.got)).say(false, alert(40)).end(false).end(true);
    EXPECT_THAT(found(compared(ends)), ElementsAre("hello-altered error proven"));
    EXPECT_EQ(presented(ends), each.presented);
  }
}

TEST(EndFindings, AnAlteredServerHelloIsOneToo) {
  BothEnds ends;
  const ByteVector got = test::record(
      22, 0x0303,
      test::ServerHelloBytes{.random = ByteVector(32, 0x22), .cipher = 0xc02f}.message());
  ends.syn().say(true, hello()).say(false, server_hello(), got);
  ends.say(true, alert(47)).end(true).end(false);
  EXPECT_THAT(found(compared(ends)), ElementsAre("hello-altered error proven"));
  EXPECT_EQ(presented(ends), "extensions: extended_master_secret taken out");
}

TEST(EndFindings, AnAlertInTheBackendsNameIsNotTheBackends) {
  BothEnds in_place;
  in_place.syn().say(true, hello()).say(false, server_hello(), alert(40));
  in_place.end(true).end(false);
  EXPECT_THAT(found(compared(in_place)), ElementsAre("made-up-alert error proven"));
  EXPECT_EQ(presented(in_place), "fatal handshake_failure (40) at the client's end");

  BothEnds alone;
  alone.syn().say(true, hello()).say(false, {}, alert(112)).end(true).end(false);
  EXPECT_THAT(found(compared(alone)), ElementsAre("made-up-alert error proven"));

  BothEnds real;
  real.syn().say(true, hello()).say(false, alert(112)).end(false).end(true);
  EXPECT_THAT(found(compared(real)), IsEmpty());
}

TEST(EndFindings, AResetThatNobodySentIsProvenWithoutClocks) {
  BothEnds both;
  both.server.clock_us = 86'400'000'000;
  both.syn().say(true, hello()).made_up_end(true).made_up_end(false);
  EXPECT_THAT(found(compared(both)), ElementsAre("made-up-close error proven"));

  // One side alone: its end of the capture must show that the other goes on.
  BothEnds one;
  one.syn().say(true, hello()).say(false, server_hello()).made_up_end(false);
  EXPECT_THAT(found(compared(one)), IsEmpty());
  // Nor does it show that the backend sends none: one packet that it lacks would be enough.
  one.wait_ms(5000).go_on();
  EXPECT_THAT(found(compared(one)), ElementsAre("made-up-close error likely"));

  // The backend closes by itself, but long after that.
  BothEnds late;
  late.syn().say(true, hello()).say(false, server_hello()).made_up_end(false);
  late.wait_ms(60'000).server.end(late.now_us, false, "FA");
  EXPECT_THAT(found(compared(late)), ElementsAre("made-up-close error proven"));
}

TEST(EndFindings, EndsThatCrossOnTheWayAreNotMadeUp) {
  for (const std::string flags : {"FA", "RA"}) {
    BothEnds ends;
    ends.syn().say(true, hello()).say(false, alert(40));
    ends.client.end(ends.now_us, true, flags);
    ends.server.end(ends.now_us + 200, false, flags);
    ends.server.end(ends.now_us + 1000, true, flags);
    ends.client.end(ends.now_us + 1200, false, flags);
    EXPECT_THAT(found(compared(ends)), IsEmpty()) << flags;
  }
}

TEST(EndFindings, ASegmentThatIsDroppedEachTimeIsLost) {
  test::HelloBytes large{
      .extensions = {test::server_name("www.example.com"), {21, ByteVector(1800)}}};
  const ByteVector whole = hello(large);
  const ByteVector first(whole.begin(), whole.begin() + 1460);
  const auto stalled = [&](BothEnds& ends) {
    ends.syn();
    ends.sender(true).data(ends.now_us, true, whole);
    ends.receiver(true).data(ends.now_us + 1000, true, first);
    // The server acknowledges what it has.
    for (EndCapture* end : {&ends.server, &ends.client}) {
      EndCapture has = *end;
      has.next[0] = 101 + 1460;
      has.packets.clear();
      has.packet(ends.now_us + 1000, false, "A");
      end->packets.push_back(has.packets.back());
    }
  };
  BothEnds ends;
  stalled(ends);
  EXPECT_THAT(found(compared(ends)), IsEmpty());  // it may still be on its way
  // The client sends it again, for seconds, and gets no acknowledgment.
  BothEnds again;
  stalled(again);
  EndCapture second = again.client;
  second.packets.clear();
  second.next[0] = 101 + 1460;
  for (const std::int64_t after : {200, 600, 1400, 3000}) {
    second.next[0] = 101 + 1460;
    second.data(again.now_us + after * 1000, true, ByteVector(whole.begin() + 1460, whole.end()));
  }
  again.client.packets.insert(again.client.packets.end(), second.packets.begin(),
                              second.packets.end());
  EXPECT_THAT(found(compared(again)), ElementsAre("bytes-lost warning likely"));
  EXPECT_THAT(compared(again).findings.front().title,
              HasSubstr("of the client's ClientHello never reach the backend"));
  // The server gives up a long time after: then it is certain.
  again.wait_ms(10'000).end(false).end(true);
  EXPECT_THAT(found(compared(again)), ElementsAre("bytes-lost error proven"));
}

/// Whoever has closed gets nothing more, and that is no loss.
TEST(EndFindings, WhatComesAfterAnEndIsNotLost) {
  BothEnds ends;
  ends.syn().say(true, hello()).say(false, alert(40)).end(false);
  ends.client.data(ends.now_us, true, data(100));
  ends.end(true, "RA");
  EXPECT_THAT(found(compared(ends)), IsEmpty());
}

TEST(EndFindings, AnotherServersRandomIsAnInterception) {
  BothEnds ends;
  ends.syn().say(true, hello()).say(false, server_hello(0x33), server_hello(0x44));
  ends.say(true, alert(48)).end(true).end(false);
  EXPECT_THAT(found(compared(ends)), ElementsAre("interception error proven"));
  EXPECT_EQ(compared(ends).findings.size(), 1U);
}

/// The client's end of one connection, and the server's of another for the same name.
BothEnds intercepted(std::int64_t later_ms, const std::string& name = "www.example.com") {
  BothEnds client;
  client.syn().say(true, hello()).say(false, server_hello(0x33)).end(true).end(false);
  BothEnds server;
  server.wait_ms(later_ms).syn();
  server.say(true,
             hello({.random = ByteVector(32, 0x55), .extensions = {test::server_name(name)}}));
  server.say(false, server_hello(0x44)).end(true).end(false);
  client.server = server.server;
  return client;
}

TEST(EndFindings, AnotherHelloForTheSameNameAtTheSameTimeIsLikelyAnInterception) {
  const ComparisonReport likely = compared(intercepted(2));
  ASSERT_EQ(likely.connections.size(), 1U);
  EXPECT_EQ(likely.connections[0].matched_by, "name-and-time");
  EXPECT_THAT(found(likely), ElementsAre("interception error likely"));
  EXPECT_THAT(compared(intercepted(2, "other.example.com")).connections, IsEmpty());
  EXPECT_EQ(compared(intercepted(2, "other.example.com")).unmatched.size(), 2U);
  // Two runs one after the other are no two ends, unless somebody says so.
  EXPECT_THAT(compared(intercepted(3'600'000)).connections, IsEmpty());
  const ComparisonReport told = compared(intercepted(3'600'000), true);
  ASSERT_EQ(told.connections.size(), 1U);
  EXPECT_EQ(told.connections[0].matched_by, "order");
}

/// A connection of somebody else's, for a name whose hellos are seen to pass untouched.
TEST(EndFindings, OtherClientsOfTheServerAreNotTakenForAnInterception) {
  BothEnds ends = intercepted(2);
  BothEnds healthy;
  healthy.client.client_port = 1001;
  healthy.server.client_port = 2001;
  healthy.syn();
  healthy.say(true, hello({.random = ByteVector(32, 0x66),
                           .extensions = {test::server_name("www.example.com")}}));
  healthy.say(false, server_hello(0x67)).end(true).end(false);
  for (const bool client : {true, false}) {
    auto& into = client ? ends.client.packets : ends.server.packets;
    const auto& from = client ? healthy.client.packets : healthy.server.packets;
    into.insert(into.end(), from.begin(), from.end());
  }
  const ComparisonReport comparison = compared(ends);
  ASSERT_EQ(comparison.connections.size(), 1U);
  EXPECT_EQ(comparison.connections[0].matched_by, "client-random");
  EXPECT_EQ(comparison.unmatched.size(), 2U);
  EXPECT_THAT(found(comparison), IsEmpty());
}

TEST(EndFindings, OtherSegmentsAreToldWhereTheHelloIsNotAnswered) {
  BothEnds ends;
  ends.server.segment = 40;
  ends.syn().say(true, hello()).end(false, "RA");
  EXPECT_THAT(found(compared(ends)), ElementsAre("hello-resegmented info proven"));
  BothEnds answered;
  answered.server.segment = 40;
  answered.syn().say(true, hello()).say(false, server_hello()).end(true).end(false);
  EXPECT_THAT(found(compared(answered)), IsEmpty());
}

/// A CONNECT before the proxy on the way, a PROXY header behind it: that is no change of the TLS.
TEST(EndFindings, WhatTheWayItselfIsToldIsNoChange) {
  BothEnds ends;
  ends.syn();
  ends.client.data(ends.now_us, true,
                   test::text_bytes("CONNECT www.example.com:443 HTTP/1.1\r\n\r\n"));
  ends.client.data(ends.now_us + 100, false, test::text_bytes("HTTP/1.1 200 OK\r\n\r\n"));
  ends.server.data(ends.now_us + 200, true,
                   test::text_bytes("PROXY TCP4 10.0.0.1 10.0.0.2 1000 443\r\n"));
  ends.wait_ms(1).say(true, hello()).say(false, alert(40)).end(false).end(true);
  const ComparisonReport comparison = compared(ends);
  ASSERT_EQ(comparison.connections.size(), 1U);
  EXPECT_THAT(found(comparison), IsEmpty());
  // And where the backend says nothing to the hello.
  BothEnds silent;
  silent.syn();
  silent.client.data(silent.now_us, true, test::text_bytes("CONNECT a:443 HTTP/1.1\r\n\r\n"));
  silent.client.data(silent.now_us + 100, false, test::text_bytes("HTTP/1.1 200 OK\r\n\r\n"));
  silent.wait_ms(1).say(true, hello()).end(false).end(true);
  EXPECT_THAT(found(compared(silent)), IsEmpty());
}

TEST(EndFindings, FilesInTheWrongOrderAreSeen) {
  BothEnds ends;
  ends.syn().say(true, hello()).say(false, server_hello()).end(true).end(false);
  const auto client = sessions_in(ends.client.packets);
  const auto server = sessions_in(ends.server.packets);
  EXPECT_FALSE(are_swapped(client, server, match_ends(client, server, false)));
  EXPECT_TRUE(are_swapped(server, client, match_ends(server, client, false)));
  EXPECT_FALSE(are_swapped(client, client, match_ends(client, client, false)));
}

/// Who ends TLS on the way shows the client a certificate of its own.
TEST(EndFindings, TheSameCertificateAtBothEndsIsOfTwoConnections) {
  const BothEnds ends = intercepted(2);
  auto client = sessions_in(ends.client.packets);
  auto server = sessions_in(ends.server.packets);
  const CertificateReport certificate = certificate_of("CN=www.example.com", "CN=Root");
  client[0].direct_leg->certificates = {certificate};
  server[0].direct_leg->certificates = {certificate};
  for (auto* session : {&client[0], &server[0]}) session->direct_leg->certificates[0].sha256 = "aa";
  EXPECT_THAT(match_ends(client, server, false).pairs, IsEmpty());
  EXPECT_EQ(match_ends(client, server, true).pairs.size(), 1U) << "somebody knows better";
  server[0].direct_leg->certificates[0].sha256 = "bb";
  EXPECT_EQ(match_ends(client, server, false).pairs.size(), 1U);
}

}  // namespace
}  // namespace visavis::inspect
