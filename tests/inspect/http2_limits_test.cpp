// Http2Observer with what real peers send, and at its limits.
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "inspect/bytes/limits.h"
#include "inspect/http/http2_observer.h"
#include "tests/support/http2_frames.h"
#include "tests/support/untimed_exchanges.h"

namespace visavis::inspect {
namespace {

using testing::HeaderList;
using testing::http2_frame;
using testing::http2_number;
using testing::http2_settings;
using testing::Http2Encoder;
using testing::Http2Peers;
using testing::unhexed;
using testing::untimed;

constexpr std::uint8_t kWhole = 5;
constexpr std::uint8_t kEndHeaders = 4;

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void client_says(Http2Observer& observer, std::string_view text, std::int64_t t_us = 0) {
  observer.observe_request(as_bytes(text), t_us);
}
void backend_says(Http2Observer& observer, std::string_view text, std::int64_t t_us = 1000) {
  observer.observe_response(as_bytes(text), t_us);
}

HttpExchange exchange(std::string method, std::string target, std::optional<int> status,
                      std::uint64_t request_bytes = 0, std::uint64_t response_bytes = 0) {
  return {"http/2", std::move(method), std::move(target), status, request_bytes, response_bytes,
          1.0};
}

const std::string kOpening = std::string(kHttp2Preface) + http2_settings();

class Http2Limits : public ::testing::Test {
 protected:
  Http2Limits() {
    client_says(observer_, kOpening);
    backend_says(observer_, http2_settings());
  }

  std::string ask(std::uint32_t stream, const std::string& path = "/a") {
    const HeaderList list{{":method", "GET"}, {":scheme", "https"}, {":path", path}};
    return http2_frame(1, kWhole, stream, requests_.block(list));
  }
  std::string answer(std::uint32_t stream) {
    return http2_frame(1, kWhole, stream, responses_.block({{":status", "204"}}));
  }

  Http2Observer observer_{false};
  Http2Encoder requests_;
  Http2Encoder responses_;
};

/// RFC 7541 C.4 and C.6.1: three requests, one response, Huffman coded, with a dynamic table.
TEST_F(Http2Limits, ReadsTheExamplesOfRfc7541) {
  client_says(observer_, http2_frame(1, kWhole, 1,
                                     unhexed("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab "
                                             "90f4 ff")));
  client_says(observer_, http2_frame(1, kWhole, 3, unhexed("8286 84be 5886 a8eb 1064 9cbf")));
  client_says(observer_, http2_frame(1, kWhole, 5,
                                     unhexed("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b "
                                             "b8e8 b4bf")));
  backend_says(observer_,
               http2_frame(1, kWhole, 1,
                           unhexed("4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 "
                                   "9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 "
                                   "e9ae 82ae 43d3")));
  ASSERT_TRUE(observer_.observing());
  const auto seen = untimed(observer_.exchanges());
  ASSERT_EQ(seen.size(), 3U);
  HttpExchange first = exchange("GET", "/", 302);
  first.host = "www.example.com";
  EXPECT_EQ(seen[0], first);
  EXPECT_EQ(seen[1].host, first.host) << "of the table";
  EXPECT_EQ(seen[1].target, "/");
  EXPECT_EQ(seen[2].target, "/index.html");
}

/// A client and a server of nghttp2, window updates and all, in pieces of any size.
TEST(Http2Peers, AreReadInAnyPieces) {
  Http2Peers peers;
  peers.ask("GET", "/small?user=bob", 0, "200", 17);
  peers.ask("POST", "/up", 300'000, "201", 2);
  peers.ask("GET", "/down", 0, "404", 200'000);
  const auto turns = peers.talk();
  for (const std::size_t piece : {1U, 2U, 8U, 9U, 10U, 1000U, 1'000'000U}) {
    Http2Observer observer(false);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const std::string_view all = turns[i].bytes;
      for (std::size_t at = 0; at < all.size(); at += piece) {
        if (turns[i].client)
          client_says(observer, all.substr(at, piece), 0);
        else
          backend_says(observer, all.substr(at, piece), 1000);
      }
    }
    std::vector expected{exchange("GET", "/small?user=***", 200, 0, 17),
                         exchange("POST", "/up", 201, 300'000, 2),
                         exchange("GET", "/down", 404, 0, 200'000)};
    for (HttpExchange& each : expected) each.host = "localhost";
    EXPECT_EQ(untimed(observer.exchanges()), expected) << piece;
    EXPECT_TRUE(observer.observing());
  }
}

TEST_F(Http2Limits, ShowsTargetsAsTheyMayBeShown) {
  Http2Observer open(true);
  client_says(open, kOpening);
  const std::string asked = ask(1, "/a?b=c");
  client_says(observer_, asked);
  client_says(open, asked);
  EXPECT_EQ(observer_.exchanges().at(0).target, "/a?b=***");
  EXPECT_EQ(open.exchanges().at(0).target, "/a?b=c");
  client_says(observer_,
              http2_frame(1, kEndHeaders, 3,
                          requests_.block({{":method", "CONNECT"}, {":authority", "h:1"}})));
  EXPECT_EQ(observer_.exchanges().at(1).target, "h:1");
}

/// The table may grow to what its reader has said, at any moment, and shrinks as its writer says.
TEST_F(Http2Limits, FollowsTheTablesOfBothSides) {
  const auto with_fields = [&](std::uint32_t stream, int first) {
    HeaderList list{
        {":method", "GET"}, {":scheme", "https"}, {":path", "/" + std::to_string(first)}};
    for (int i = first; i < first + 200; ++i)
      list.push_back({"field-" + std::to_string(i), "value-" + std::to_string(i)});
    return http2_frame(1, kWhole, stream, requests_.block(list));
  };
  client_says(observer_, with_fields(1, 0));
  backend_says(observer_, http2_settings(1, 32'768));
  requests_.set_table(32'768);
  client_says(observer_, with_fields(3, 0));
  client_says(observer_, with_fields(5, 0));  // all from the table: it would not fit into 4 KiB
  backend_says(observer_, http2_settings(1, 0));
  requests_.set_table(0);
  client_says(observer_, with_fields(7, 100));
  requests_.set_table(4096);
  client_says(observer_, with_fields(9, 7));
  EXPECT_TRUE(observer_.observing());
  ASSERT_EQ(observer_.exchanges().size(), 5U);
  EXPECT_EQ(observer_.exchanges()[3].target, "/100");
  EXPECT_EQ(observer_.exchanges()[4].target, "/7");
}

/// In the middle of one side's header block the other may say what it can hold.
TEST_F(Http2Limits, TakesATableSizeInTheMiddleOfABlock) {
  const std::string first = ask(1);
  client_says(observer_, std::string_view(first).substr(0, first.size() - 1));
  backend_says(observer_, http2_settings(1, 16'384));
  client_says(observer_, std::string_view(first).substr(first.size() - 1));
  requests_.set_table(16'384);
  client_says(observer_, ask(3));
  EXPECT_TRUE(observer_.observing());
  EXPECT_EQ(observer_.exchanges().size(), 2U);
}

TEST_F(Http2Limits, StopsAtATableThatIsTooLarge) {
  constexpr auto kMost = static_cast<std::uint32_t>(limits::kMaxHpackTableBytes);
  backend_says(observer_, http2_settings(1, 0xffffffff));
  requests_.set_table(kMost);
  client_says(observer_, ask(1));
  EXPECT_TRUE(observer_.observing());
  requests_.set_table(kMost + 1);
  client_says(observer_, ask(3));
  EXPECT_FALSE(observer_.observing());
  EXPECT_EQ(observer_.exchanges().size(), 1U);
}

TEST_F(Http2Limits, StopsAtATableThatNobodyAllowed) {
  requests_.set_table(4097);
  client_says(observer_, ask(1));
  EXPECT_FALSE(observer_.observing());
}

/// A header block without end: CONTINUATION after CONTINUATION.
TEST_F(Http2Limits, StopsAtAnEndlessHeaderBlock) {
  client_says(observer_, http2_frame(1, 0, 1, unhexed("82 87 84")));
  // Never the same field twice in a row, never indexed: 00, one byte of name, 125 of value.
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += unhexed("00 01 61 7d") + std::string(125, 'v');
  std::size_t sent = 0;
  while (observer_.observing() && sent < 2 * limits::kMaxHttp2HeaderBlockBytes) {
    client_says(observer_, http2_frame(9, 0, 1, fields));
    sent += fields.size();
  }
  EXPECT_FALSE(observer_.observing());
  EXPECT_LE(sent, limits::kMaxHttp2HeaderBlockBytes + fields.size());
  EXPECT_TRUE(observer_.exchanges().empty());
}

TEST_F(Http2Limits, TakesAHeaderBlockOfExactlyTheLimit) {
  for (const std::size_t more : {0U, 1U}) {
    Http2Observer observer(false);
    client_says(observer, kOpening);
    std::string block = unhexed("82 87 84");
    while (block.size() < limits::kMaxHttp2HeaderBlockBytes + more) {
      const std::size_t value =
          std::min<std::size_t>(124, limits::kMaxHttp2HeaderBlockBytes + more - block.size() - 4);
      block += unhexed("00 01 61") + static_cast<char>(value) + std::string(value, 'v');
    }
    ASSERT_EQ(block.size(), limits::kMaxHttp2HeaderBlockBytes + more);
    client_says(observer, http2_frame(1, kWhole, 1, block));
    EXPECT_EQ(observer.observing(), more == 0);
  }
}

TEST_F(Http2Limits, ListsSoManyExchangesAndStops) {
  for (std::uint32_t i = 0; i < limits::kMaxHttpExchanges; ++i) {
    ASSERT_TRUE(observer_.observing());
    client_says(observer_, ask(2 * i + 1));
    backend_says(observer_, answer(2 * i + 1));
  }
  EXPECT_FALSE(observer_.observing());
  EXPECT_EQ(untimed(observer_.exchanges()),
            std::vector(limits::kMaxHttpExchanges, exchange("GET", "/a", 204)));
}

/// Streams that are not listed are read for the tables' sake, and none is followed.
TEST_F(Http2Limits, FinishesTheListThoughMoreIsAsked) {
  constexpr std::uint32_t kAsked = 3 * limits::kMaxHttpExchanges;
  for (std::uint32_t i = 0; i < kAsked; ++i)
    client_says(observer_, ask(2 * i + 1, "/" + std::to_string(i)));
  for (std::uint32_t i = kAsked; i-- > 0;) {
    ASSERT_TRUE(observer_.observing());
    backend_says(observer_, answer(2 * i + 1));
  }
  EXPECT_FALSE(observer_.observing());
  ASSERT_EQ(observer_.exchanges().size(), limits::kMaxHttpExchanges);
  for (std::size_t i = 0; i < limits::kMaxHttpExchanges; ++i)
    EXPECT_EQ(untimed(observer_.exchanges())[i], exchange("GET", "/" + std::to_string(i), 204));
}

TEST_F(Http2Limits, SkipsALargeBodyWithoutLookingAtIt) {
  const std::string frame = http2_frame(0, 0, 1, std::string(16'384, 'x'));
  constexpr std::size_t kFrames = (1U << 30) / 16'384;
  client_says(observer_, ask(1));
  backend_says(observer_, http2_frame(1, kEndHeaders, 1, responses_.block({{":status", "200"}})));
  const std::clock_t started = std::clock();
  for (std::size_t i = 0; i < kFrames; ++i) backend_says(observer_, frame);
  const double seconds = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
  RecordProperty("ns_per_frame", std::to_string(seconds * 1e9 / kFrames));
  // Processor time: looking at each byte would take a second and more; the slack is for sanitizers.
  EXPECT_LT(seconds, 0.3);
  EXPECT_EQ(untimed(observer_.exchanges()), std::vector{exchange("GET", "/a", 200, 0, 1U << 30)});
}

}  // namespace
}  // namespace visavis::inspect
