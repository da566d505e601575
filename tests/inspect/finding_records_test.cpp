// Records that are wrong, and alerts in the middle of the data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;

constexpr std::uint8_t kData = 23;
constexpr std::uint8_t kHandshakeType = 22;

LegScript agreed(LegScript leg, std::uint16_t version = 0x0303) {
  const std::uint16_t suite = version == 0x0304 ? 0x1301 : 0xc02f;
  leg.hello({suite}).server_hello(version, suite).established();
  return leg;
}

/// A record of data whose plaintext we know.
void say(LegScript& leg, bool c2s) {
  leg.record(c2s, kData, 130);
  leg->records.back().plaintext_length = 100;
}

/// Both handshakes, the request, and then `by` breaks off on its leg.
SessionReport broken_off(const std::string& by, std::uint8_t alert, bool data = true) {
  LegScript client = agreed(LegScript::client_leg());
  LegScript backend = agreed(LegScript::backend_leg());
  if (data) say(client, true);
  if (data) say(backend, true);
  (by == "client" ? client : backend).alert(by, alert);
  client.close(by == "client" ? "client" : "proxy", "fin");
  backend.close(by == "client" ? "proxy" : "backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = data ? 100 : 0;
  return session;
}

TEST(FindingAlertDuringData, IsTheSendersOpinionOfItsPeer) {
  EXPECT_EQ(lines(broken_off("backend", 10)), (Lines{"alert-during-data both error likely"}));
  EXPECT_EQ(lines(broken_off("client", 80)), (Lines{"alert-during-data both error likely"}));
  const auto found = diagnose_session(broken_off("client", 80));
  EXPECT_EQ(found.front().judged_by, "client-alert");
  EXPECT_EQ(found.front().title,
            "The client breaks off in the middle of the data with internal_error (80)");
}

TEST(FindingAlertDuringData, NearMisses) {
  EXPECT_EQ(lines(broken_off("backend", 80, false)),
            (Lines{"alert-unexplained both warning likely"}))
      << "no data had gone";
  EXPECT_EQ(lines(broken_off("proxy", 80)), Lines{}) << "our own opinion";
  SessionReport session = broken_off("backend", 80);
  session.backend_leg->alerts.front().level = "warning";
  EXPECT_EQ(lines(session), (Lines{"closed-after-request backend error likely"}));
}

TEST(FindingRecordMacFailure, AfterTheHandshakeTheKeysWereRight) {
  EXPECT_EQ(lines(broken_off("backend", 20)), (Lines{"record-mac-failure network error likely"}));
  EXPECT_EQ(lines(broken_off("client", 20)), (Lines{"record-mac-failure network error likely"}));
  const auto found = diagnose_session(broken_off("client", 20));
  EXPECT_EQ(found.front().title,
            "The client can't verify a record of the proxy: bad_record_mac (20) after the "
            "handshake");
  EXPECT_EQ(found.front().judged_by, "client-alert");
  // Our own library's judgement of the backend's record.
  SessionReport session = broken_off("proxy", 20);
  EXPECT_EQ(lines(session), (Lines{"record-mac-failure network error likely"}));
  EXPECT_THAT(diagnose_session(session).front().title,
              HasSubstr("The proxy can't verify a record of the backend"));
}

TEST(FindingRecordMacFailure, TheFirstRecordUnderNewKeysShowsThatTheyDiffer) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).message("client", "ClientKeyExchange");
  leg.alert("backend", 20).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"record-mac-failure both error likely"}));
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f).alert("proxy", 20).close("proxy", "fin");
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).close("proxy", "fin");
  EXPECT_EQ(lines(session_of(client.leg(), backend.leg())),
            (Lines{"record-mac-failure both error likely"}));
}

TEST(FindingRecordMacFailure, AnAlertPassedOnIsToldOnce) {
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f).alert("backend", 20).close("backend", "fin");
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).alert("proxy", 20).close("proxy", "fin");
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), (Lines{"record-mac-failure both error likely"}));
  EXPECT_EQ(diagnose_session(session).front().judged_by, "backend-alert");
  SessionReport alone = session;
  alone.backend_leg->alerts.clear();
  alone.backend_leg->server_hello.reset();
  alone.backend_leg->raw_s2c = "15";
  EXPECT_EQ(lines(alone), Lines{}) << "on a leg that was still waiting it is not our opinion";
}

TEST(FindingOversizedRecord, IsSeenInTheLedger) {
  for (const auto& [version, length, found] :
       {std::tuple{0x0303, 16384 + 2048, false}, std::tuple{0x0303, 16384 + 2049, true},
        std::tuple{0x0304, 16384 + 256, false}, std::tuple{0x0304, 16384 + 257, true}}) {
    LegScript leg = agreed(LegScript::direct_leg(), static_cast<std::uint16_t>(version));
    leg.record(true, kData, 130).record(false, kData, static_cast<std::uint16_t>(length));
    leg->events.back().length = static_cast<std::uint64_t>(length);
    leg.record(false, kData, 700).close("client", "fin");
    EXPECT_EQ(lines(passed_session(leg.leg())),
              found ? (Lines{"oversized-record backend warning proven"}) : Lines{})
        << version << ' ' << length;
  }
}

TEST(FindingOversizedRecord, AnAlertAloneMakesItLikely) {
  EXPECT_EQ(lines(broken_off("backend", 22)), (Lines{"oversized-record proxy error likely"}));
  EXPECT_EQ(lines(broken_off("client", 22)), (Lines{"oversized-record proxy error likely"}));
  EXPECT_EQ(lines(broken_off("proxy", 22)), (Lines{"oversized-record backend error likely"}));
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f});
  leg->records.front().length = 16385;
  leg->events.front().length = 16385;
  leg.alert("backend", 22).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())).front(), "oversized-record client error proven");
}

LegScript in_records(std::size_t records) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301}, {0x0304});
  for (std::size_t i = 1; i < records; ++i) leg.record(true, kHandshakeType, 100);
  return leg;
}

TEST(FindingFragmentedHandshake, ARefusedHelloInSeveralRecords) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{10, 40, 47, 50, 80}) {
    LegScript leg = in_records(2);
    leg.alert("backend", alert).close("backend", "fin");
    const auto found = lines(passed_session(leg.leg()));
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front(), "fragmented-handshake backend error likely") << int{alert};
  }
  for (const std::string how : {"fin", "rst"}) {
    LegScript leg = in_records(3);
    leg.close("backend", how);
    EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"fragmented-handshake backend error likely",
                                                       "no-server-hello backend error likely"}));
  }
}

TEST(FindingFragmentedHandshake, NearMisses) {
  LegScript one = in_records(1);
  one.alert("backend", 50).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(one.leg())), (Lines{"alert-unexplained both error likely"}));
  LegScript name = in_records(2);
  name.alert("backend", 112).close("backend", "fin");
  EXPECT_NE(lines(passed_session(name.leg())).front(), "fragmented-handshake backend error likely");
  LegScript fine = in_records(2);
  fine.server_hello(0x0304, 0x1301).established().close("client", "fin");
  EXPECT_EQ(lines(passed_session(fine.leg())), Lines{});
  LegScript left = in_records(2);
  left.close("client", "fin");
  EXPECT_EQ(lines(passed_session(left.leg())), Lines{});
}

/// A session with one request for the hello's name.
SessionReport asked(int status, std::optional<std::string> host = {}) {
  LegScript client = agreed(LegScript::client_leg());
  LegScript backend = agreed(LegScript::backend_leg());
  for (LegScript* leg : {&client, &backend}) leg->record(true, kData, 130);
  backend.record(false, kData, 130).close("backend", "close_notify");
  client.close("proxy", "close_notify");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = session.backend_to_client_bytes = 100;
  HttpExchange exchange;
  exchange.protocol = "http/2";
  exchange.method = "GET";
  exchange.target = "/";
  exchange.status = status;
  exchange.host = std::move(host);
  session.http = {exchange};
  return session;
}

TEST(FindingMisdirectedRequest, IsTheServersWord) {
  const SessionReport session = asked(421);
  EXPECT_EQ(lines(session), (Lines{"misdirected-request both warning likely"}));
  EXPECT_THAT(diagnose_session(session).front().cause, HasSubstr("made for 'shop.example.com'"));
  EXPECT_EQ(lines(asked(404)), Lines{});
}

TEST(FindingMisdirectedRequest, OrASuspicionWhereTheNamesDiffer) {
  const Lines warning{"misdirected-request both warning likely"};
  const Lines info{"misdirected-request both info likely"};
  const std::string other = "other.example.com";
  EXPECT_EQ(lines(asked(421, other)), warning);
  EXPECT_EQ(lines(asked(421, "shop.example.com")), warning) << "its own word, whatever the names";
  EXPECT_EQ(lines(asked(400, other)), warning);
  EXPECT_EQ(lines(asked(403, other)), info);
  EXPECT_EQ(lines(asked(404, other)), info);
  EXPECT_EQ(diagnose_session(asked(404, other)).front().presented,
            "HTTP status 404 to GET /, which is for 'other.example.com'");
  for (const int status : {200, 301, 401, 500, 503})
    EXPECT_EQ(lines(asked(status, other)), Lines{}) << status;
  for (const std::string same : {"shop.example.com", "SHOP.example.COM:8443", "shop.example.com."})
    EXPECT_EQ(lines(asked(400, same)), Lines{}) << same;
}

TEST(FindingMisdirectedRequest, SuspicionNeedsMoreThanADifference) {
  SessionReport works = asked(404, "other.example.com");
  works.http.push_back(works.http.front());
  works.http.back().status = 200;
  EXPECT_EQ(lines(works), Lines{}) << "the other name is served";
  works.http.back().host = "third.example.com";
  EXPECT_EQ(lines(works), (Lines{"misdirected-request both info likely"}));
  SessionReport nameless = asked(400, "other.example.com");
  nameless.backend_leg->client_hello->sni.reset();
  EXPECT_EQ(diagnose_misdirected_request(nameless), std::nullopt);
  SessionReport asking = asked(400, "other.example.com");
  asking.backend_leg->certificate_request.emplace();
  EXPECT_EQ(diagnose_misdirected_request(asking), std::nullopt) << "it may want a certificate";
}

LegScript asking(std::uint64_t bytes, std::size_t issuers) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  leg.certificate_request(std::vector<std::string>(issuers, "CN=Some CA"));
  leg->events.back().length = bytes;
  return leg;
}

TEST(FindingIssuerListTooLong, AboveOneRecord) {
  for (const auto& [bytes, found] : {std::pair{16385U, true}, std::pair{16384U, false}}) {
    LegScript leg = asking(bytes, 300);
    leg.client_certificate({certificate_of("CN=me", "CN=Some CA")}).established();
    leg.close("client", "fin");
    EXPECT_EQ(lines(passed_session(leg.leg())),
              found ? (Lines{"issuer-list-too-long backend warning likely"}) : Lines{})
        << bytes;
  }
  LegScript refused = asking(40'000, 900);
  refused.alert("client", 47).close("client", "fin");
  EXPECT_EQ(lines(passed_session(refused.leg())),
            (Lines{"issuer-list-too-long backend error likely"}));
  EXPECT_THAT(diagnose_session(passed_session(refused.leg())).front().cause,
              HasSubstr("Windows and Java clients fail"));
}

TEST(FindingIssuerListTooLong, JustBelowWhereNoCertificateCame) {
  LegScript leg = asking(16'300, 290);
  leg.client_certificate({}).established().close("client", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())),
            (Lines{"issuer-list-too-long backend warning likely"}));
  LegScript shorter = asking(12'000, 200);
  shorter.client_certificate({}).established().close("client", "fin");
  EXPECT_EQ(lines(passed_session(shorter.leg())), Lines{});
}

}  // namespace
}  // namespace visavis::inspect
