// Both handshakes went well, and the connection did not: how it ended, and after what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/transcript/event.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;

constexpr std::uint8_t kData = 23;

LegScript agreed(LegScript leg, std::uint16_t version = 0x0303) {
  const std::uint16_t suite = version == 0x0304 ? 0x1301 : 0xc02f;
  leg.hello({suite}).server_hello(version, suite).established();
  return leg;
}

HttpExchange exchange(std::optional<int> status, const std::string& method = "GET") {
  HttpExchange made;
  made.protocol = "http/1.1";
  made.method = method;
  made.target = "/page";
  made.status = status;
  return made;
}

HttpExchange cut(HttpExchange exchange) {
  exchange.cut_short = true;
  exchange.response_bytes = 1000;
  return exchange;
}

/// A session of ours: the request went out, and `answer` bytes came back.
struct Ended {
  std::string by = "backend";
  std::string how = "fin";
  std::vector<HttpExchange> http = {exchange({})};
  std::uint64_t asked = 100;
  std::uint64_t answered = 0;
  std::int64_t waited_ms = 5;
  bool mid_record = false;

  [[nodiscard]] SessionReport session() const {
    const bool by_client = by == "client";
    LegScript client = agreed(LegScript::client_leg());
    LegScript backend = agreed(LegScript::backend_leg());
    if (asked > 0) {
      client.record(true, kData, 130);
      backend.record(true, kData, 130);
      backend->records.back().plaintext_length = 100;
    }
    if (answered > 0) backend.record(false, kData, 300);
    backend.after_ms(waited_ms);
    if (mid_record) backend.tcp("backend", tcp_note::kMidRecord);
    if (how == "timeout") {
      client.close("proxy", "timeout");
      backend.close("proxy", "timeout");
    } else {
      client.close(by_client ? "client" : "proxy", how);
      backend.close(by_client ? "proxy" : "backend", how);
    }
    SessionReport made = session_of(client.leg(), backend.leg());
    made.http = http;
    made.client_to_backend_bytes = asked;
    made.backend_to_client_bytes = answered;
    return made;
  }
};

/// Passed through: only records can be seen.
SessionReport passed(std::uint16_t version, bool asked, bool answered, const std::string& by,
                     const std::string& how, bool mid_record = false) {
  LegScript leg = agreed(LegScript::direct_leg(), version);
  if (version == 0x0304) leg.record(true, kData, 53);  // the client's Finished
  if (asked) leg.record(true, kData, 130);
  if (answered) leg.record(false, kData, 900).record(false, kData, 700);
  if (mid_record) leg.tcp(by, tcp_note::kMidRecord);
  leg.close(by, how);
  return passed_session(leg.leg());
}

TEST(FindingAfterHandshake, ARequestAndNoByteOfAnAnswer) {
  EXPECT_EQ(lines(Ended{}.session()), (Lines{"closed-after-request backend error likely"}));
  EXPECT_EQ(lines(Ended{.how = "close_notify"}.session()),
            (Lines{"closed-after-request backend error likely"}));
  EXPECT_EQ(lines(Ended{.how = "rst"}.session()),
            (Lines{"reset-after-request backend error likely"}));
  EXPECT_EQ(lines(Ended{.how = "timeout"}.session()),
            (Lines{"request-unanswered backend error likely"}));
}

TEST(FindingAfterHandshake, WithoutHttpThereMayBeNothingToAnswer) {
  EXPECT_EQ(lines(Ended{.http = {}}.session()),
            (Lines{"closed-after-request backend error likely"}));
  EXPECT_EQ(lines(Ended{.how = "timeout", .http = {}}.session()),
            (Lines{"request-unanswered backend warning likely"}));
  EXPECT_EQ(lines(Ended{.by = "client", .http = {}, .waited_ms = 9000}.session()), Lines{});
}

TEST(FindingAfterHandshake, ALaterRequestMeetsAnIdleEnd) {
  const std::vector<HttpExchange> second{exchange(200), exchange({}, "POST")};
  EXPECT_EQ(lines(Ended{.http = second, .answered = 300}.session()),
            (Lines{"closed-after-request backend warning likely"}));
  EXPECT_EQ(lines(Ended{.how = "rst", .http = second, .answered = 300}.session()),
            (Lines{"reset-after-request backend warning likely"}));
  EXPECT_EQ(lines(Ended{.how = "timeout", .http = second, .answered = 300}.session()),
            (Lines{"request-unanswered backend error likely"}));
  const auto found = diagnose_session(Ended{.http = second, .answered = 300}.session());
  EXPECT_THAT(found.front().cause, HasSubstr("POST /page"));
  EXPECT_THAT(found.front().cause, HasSubstr("closed an idle connection"));
}

TEST(FindingAfterHandshake, TheClientsPatienceIsASecond) {
  EXPECT_EQ(lines(Ended{.by = "client", .waited_ms = 3200}.session()),
            (Lines{"request-unanswered backend warning likely"}));
  EXPECT_THAT(diagnose_session(Ended{.by = "client", .waited_ms = 3200}.session()).front().cause,
              HasSubstr("after 3.2 s the client gave up"));
  EXPECT_EQ(lines(Ended{.by = "client", .waited_ms = 300}.session()), Lines{});
}

TEST(FindingAfterHandshake, AResponseThatEndsTooEarly) {
  const std::vector<HttpExchange> half{cut(exchange(200))};
  EXPECT_EQ(lines(Ended{.http = half, .answered = 1200}.session()),
            (Lines{"truncation backend error proven"}));
  EXPECT_EQ(lines(Ended{.how = "close_notify", .http = half, .answered = 1200}.session()),
            (Lines{"truncation backend error proven"}));
  EXPECT_EQ(lines(Ended{.how = "rst", .http = half, .answered = 1200}.session()),
            (Lines{"reset-after-request backend error likely"}));
  EXPECT_EQ(lines(Ended{.how = "timeout", .http = half, .answered = 1200}.session()),
            (Lines{"request-unanswered backend warning likely"}));
  EXPECT_EQ(lines(Ended{.by = "client", .http = half, .answered = 1200}.session()), Lines{})
      << "the client left: its own choice";
  const auto found = diagnose_session(Ended{.http = half, .answered = 1200}.session());
  EXPECT_THAT(found.front().cause, HasSubstr("1000 bytes of the body had come"));
}

TEST(FindingAfterHandshake, AResponseWhoseOnlyEndIsTheClose) {
  HttpExchange open_end = exchange(200);
  open_end.until_close = true;
  EXPECT_EQ(lines(Ended{.http = {open_end}, .answered = 500}.session()),
            (Lines{"truncation backend warning proven"}));
  EXPECT_EQ(lines(Ended{.how = "close_notify", .http = {open_end}, .answered = 500}.session()),
            Lines{});
  EXPECT_EQ(lines(Ended{.by = "client", .http = {open_end}, .answered = 500}.session()), Lines{});
}

/// Many servers close so: a length that was announced and reached needs no close_notify.
TEST(FindingAfterHandshake, AWholeResponseAndABareEndAreHealthy) {
  for (const std::string how : {"fin", "rst", "close_notify", "timeout"})
    for (const std::string by : {"backend", "client"})
      EXPECT_EQ(
          lines(Ended{.by = by, .how = how, .http = {exchange(200)}, .answered = 500}.session()),
          Lines{})
          << by << ' ' << how;
  EXPECT_EQ(lines(Ended{.http = {}, .asked = 0}.session()), Lines{}) << "nothing was asked";
  EXPECT_EQ(lines(Ended{.http = {}, .answered = 9}.session()), Lines{}) << "not HTTP";
}

TEST(FindingAfterHandshake, WhatCantBeReadMayBeCutByAnRst) {
  EXPECT_EQ(lines(Ended{.how = "rst", .http = {}, .answered = 9}.session()),
            (Lines{"reset-after-request backend warning likely"}));
  EXPECT_EQ(lines(Ended{.by = "client", .how = "rst", .http = {}, .answered = 9}.session()),
            Lines{});
}

TEST(FindingAfterHandshake, ARecordWithoutItsEndProvesThatDataIsMissing) {
  EXPECT_EQ(lines(Ended{.http = {}, .answered = 9, .mid_record = true}.session()),
            (Lines{"truncation backend error likely"}));
  EXPECT_EQ(lines(passed(0x0303, true, true, "backend", "fin", true)),
            (Lines{"truncation backend error likely"}));
  EXPECT_EQ(lines(passed(0x0304, true, true, "backend", "fin", true)),
            (Lines{"truncation backend error likely"}));
  EXPECT_EQ(lines(passed(0x0303, true, true, "backend", "rst", true)),
            (Lines{"reset-after-request backend error likely"}));
  EXPECT_EQ(lines(passed(0x0303, true, true, "client", "fin", true)), Lines{});
}

TEST(FindingAfterHandshake, PassedThrough) {
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0x0303, 0x0304}) {
    EXPECT_EQ(lines(passed(version, true, false, "backend", "fin")),
              (Lines{"closed-after-request backend error likely"}));
    EXPECT_EQ(lines(passed(version, true, false, "backend", "rst")),
              (Lines{"reset-after-request backend error likely"}));
    EXPECT_EQ(lines(passed(version, true, false, "proxy", "timeout")),
              (Lines{"request-unanswered backend warning likely"}));
    for (const std::string how : {"fin", "rst"}) {
      EXPECT_EQ(lines(passed(version, true, true, "backend", how)), Lines{}) << "may be whole";
      EXPECT_EQ(lines(passed(version, false, false, "backend", how)), Lines{});
      EXPECT_EQ(lines(passed(version, true, false, "client", how)), Lines{});
    }
  }
}

/// Two tickets look like an answer, and an answer like two tickets.
TEST(FindingAfterHandshake, NothingIsSaidOfADoubtfulAnswer) {
  LegScript leg = agreed(LegScript::direct_leg(), 0x0304);
  leg.record(true, kData, 53).record(true, kData, 130);
  leg.record(false, kData, 250).record(false, kData, 250).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(leg.leg())), Lines{});
}

TEST(FindingAfterHandshake, NothingIsSaidWhereTheHandshakeFailedOrWeWereStopped) {
  SessionReport session = Ended{}.session();
  session.backend_leg->failure = "the proxy was stopped";
  EXPECT_EQ(lines(session), Lines{});
  session = Ended{}.session();
  session.client_leg->outcome = "failed";
  EXPECT_EQ(lines(session), Lines{});
  session = Ended{}.session();
  session.backend_leg->close.reset();
  EXPECT_EQ(lines(session), Lines{});
}

/// What a better name was found for is not told a second time.
TEST(FindingAfterHandshake, AnotherCauseIsEnough) {
  LegScript client = agreed(LegScript::client_leg());
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f).certificate_request({"CN=A"});
  backend.client_certificate({}).established().record(true, kData, 130).close("backend", "fin");
  client.certificate_request({"CN=A"}).client_certificate({});
  client.record(true, kData, 130).close("proxy", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = 100;
  session.http = {exchange({})};
  EXPECT_EQ(lines(session), (Lines{"client-certificate-wanted client error likely"}));
}

}  // namespace
}  // namespace visavis::inspect
