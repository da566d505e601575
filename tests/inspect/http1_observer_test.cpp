#include "inspect/http/http1_observer.h"

#include <gtest/gtest.h>

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/limits.h"
#include "tests/support/untimed_exchanges.h"

namespace visavis::inspect {
namespace {

using namespace std::string_literals;
using testing::untimed;

/// Said is what one side sends at once; the n-th of a conversation comes after n milliseconds.
struct Said {
  enum class By { client, backend, backend_closes } by;
  std::string text;
};
using enum Said::By;

struct Conversation {
  std::string name;
  std::vector<Said> said;
  std::vector<HttpExchange> exchanges;
  bool observing = true;
};

HttpExchange exchange(std::string method, std::string target, std::optional<int> status = {},
                      std::uint64_t request_bytes = 0, std::uint64_t response_bytes = 0,
                      std::optional<double> first_byte_ms = 1.0) {
  if (!status) first_byte_ms = {};
  return {"http/1.1",    std::move(method), std::move(target), status,
          request_bytes, response_bytes,    first_byte_ms};
}

HttpExchange cut_short(HttpExchange exchange) {
  exchange.cut_short = true;
  return exchange;
}

HttpExchange until_close(HttpExchange exchange) {
  exchange.until_close = true;
  return exchange;
}

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void observe(Http1Observer& observer, Said::By by, std::string_view text, std::int64_t t_us) {
  if (by == client) observer.observe_request(as_bytes(text), t_us);
  if (by == backend) observer.observe_response(as_bytes(text), t_us);
  if (by == backend_closes) observer.response_ended();
}

const std::string kGet = "GET /a HTTP/1.1\r\nTE: h\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string kChunkedOk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::vector<Conversation> ordinary_conversations() {
  const std::string put = "PUT /p HTTP/1.1\r\nContent-Length: 4\r\n";
  return {
      {"content length", {{client, kGet}, {backend, kOk}}, {exchange("GET", "/a", 200, 0, 5)}},
      {"request body",
       {{client, put + "\r\nbody"}, {backend, kOk}},
       {exchange("PUT", "/p", 200, 4, 5)}},
      {"keep-alive",
       {{client, kGet}, {backend, kOk}, {client, put + "\r\nbody"}, {backend, kOk}},
       {exchange("GET", "/a", 200, 0, 5), exchange("PUT", "/p", 200, 4, 5)}},
      {"pipelining",
       {{client, put + "\r\nbody" + kGet + kGet}, {backend, kOk + kOk}},
       {exchange("PUT", "/p", 200, 4, 5), exchange("GET", "/a", 200, 0, 5), exchange("GET", "/a")}},
      {"empty line after a body",
       {{client, put + "\r\nbody\r\n"}, {backend, kOk}, {client, kGet}, {backend, kOk}},
       {exchange("PUT", "/p", 200, 4, 5), exchange("GET", "/a", 200, 0, 5)}},
      {"HEAD",
       {{client, "HEAD / HTTP/1.1\r\n\r\n"},
        {backend, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
        {client, kGet},
        {backend, kOk}},
       {exchange("HEAD", "/", 200), exchange("GET", "/a", 200, 0, 5)}},
      {"HEAD answered chunked",
       {{client, "HEAD / HTTP/1.1\r\n\r\n" + kGet}, {backend, kChunkedOk + kOk}},
       {exchange("HEAD", "/", 200), exchange("GET", "/a", 200, 0, 5)}},
      {"204, 304",
       {{client, kGet + kGet + kGet},
        {backend,
         "HTTP/1.1 204 No Content\r\n\r\n"
         "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" +
             kOk}},
       {exchange("GET", "/a", 204), exchange("GET", "/a", 304), exchange("GET", "/a", 200, 0, 5)}},
      {"100-continue",
       {{client, put + "Expect: 100-continue\r\n\r\n"},
        {backend, "HTTP/1.1 100 Continue\r\n\r\n"},
        {client, "body"},
        {backend, kOk}},
       {exchange("PUT", "/p", 200, 4, 5)}},
      {"early hints",
       {{client, kGet},
        {backend, "HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"},
        {backend, kOk}},
       {exchange("GET", "/a", 200, 0, 5, 2.0)}},
      {"response before the request's end",
       {{client, put + "\r\nbo"}, {backend, kOk}, {client, "dy" + kGet}, {backend, kOk}},
       {exchange("PUT", "/p", 200, 4, 5), exchange("GET", "/a", 200, 0, 5)}},
      {"chunked both ways",
       {{client, "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
        {backend, kChunkedOk + "a;x=\"y\"\r\n0123456789\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n"},
        {client, kGet},
        {backend, kOk}},
       {exchange("POST", "/c", 200, 3, 11), exchange("GET", "/a", 200, 0, 5)}},
      {"no chunk but the last",
       {{client, kGet + kGet}, {backend, kChunkedOk + "0\r\n\r\n" + kOk}},
       {exchange("GET", "/a", 200), exchange("GET", "/a", 200, 0, 5)}},
      {"until close",
       {{client, kGet},
        {backend, "HTTP/1.1 200 OK\r\n\r\nuntil "},
        {backend, "close"},
        {backend_closes, ""}},
       {until_close(exchange("GET", "/a", 200, 0, 11))}},
      {"cut off",
       {{client, kGet}, {backend, kOk.substr(0, kOk.size() - 1)}, {backend_closes, ""}},
       {cut_short(exchange("GET", "/a", 200, 0, 4))}},
      {"no answer", {{client, kGet}, {backend_closes, ""}}, {exchange("GET", "/a")}},
      {"masked query",
       {{client, "GET /a?user=bob&x=1&&t HTTP/1.1\r\n\r\n"}},
       {exchange("GET", "/a?user=***&x=***&&***")}},
  };
}

std::vector<Conversation> conversations_that_stop() {
  const std::string connect = "CONNECT h:443 HTTP/1.1\r\n\r\n";
  const auto only_get = [](std::optional<int> status, std::uint64_t body) {
    return std::vector{exchange("GET", "/a", status, 0, body)};
  };
  return {
      {"upgrade",
       {{client, kGet}, {backend, "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x05hello"}},
       only_get(101, 0),
       false},
      {"tunnel",
       {{client, connect}, {backend, "HTTP/1.1 200 OK\r\n\r\n"}, {client, "\x16\x03\x01"}},
       {exchange("CONNECT", "h:443", 200)},
       false},
      {"refused tunnel, then another",
       {{client, connect},
        {backend, "HTTP/1.1 407 Who?\r\nContent-Length: 5\r\n\r\nhello"},
        {client, connect},
        {backend, "HTTP/1.1 200 OK\r\n\r\n"}},
       {exchange("CONNECT", "h:443", 407, 0, 5), exchange("CONNECT", "h:443", 200)},
       false},
      {"TLS within", {{client, "\x16\x03\x01"}}, {}, false},
      {"LDAP", {{client, "0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04"s}}, {}, false},
      {"HTTP/2", {{client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}}, {}, false},
      {"a word too long for a method", {{client, std::string(30, 'A')}}, {}, false},
      {"the backend speaks first", {{backend, "220 mail\r\n"}}, {}, false},
      {"one response too many", {{client, kGet}, {backend, kOk + "H"}}, only_get(200, 5), false},
      {"answer is not HTTP", {{client, kGet}, {backend, "<html>"}}, only_get({}, 0), false},
      {"NUL in a request", {{client, "GET /a HTTP/1.1\r\nA: \0\r\n\r\n"s}}, only_get({}, 0), false},
      {"NUL in a response",
       {{client, kGet}, {backend, "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"s}},
       only_get(200, 0),
       false},
      {"no chunk size",
       {{client, kGet}, {backend, kChunkedOk + "2\r\nab\r\nxyz\r\n"}},
       only_get(200, 2),
       false},
      {"chunk size of 17 digits",
       {{client, kGet}, {backend, kChunkedOk + "10000000000000000\r\n"}},
       only_get(200, 0),
       false},
      {"chunk longer than said",
       {{client, kGet}, {backend, kChunkedOk + "2\r\nabc\r\n0\r\n\r\n"}},
       only_get(200, 2),
       false},
      {"two lengths",
       {{client, kGet},
        {backend, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"}},
       only_get(200, 0),
       false},
  };
}

/// Feeds one text of the conversation in two pieces, the others whole; or all byte by byte.
void expect_observed(const Conversation& conversation, std::size_t split_text, std::size_t split,
                     bool byte_by_byte) {
  SCOPED_TRACE(conversation.name + ", text " + std::to_string(split_text) + " split at " +
               std::to_string(split) + (byte_by_byte ? ", byte by byte" : ""));
  Http1Observer observer(false);
  for (std::size_t i = 0; i < conversation.said.size(); ++i) {
    const auto& [by, text] = conversation.said[i];
    const auto t_us = static_cast<std::int64_t>(i) * 1000;
    const std::string_view all = text;
    if (byte_by_byte) {
      for (std::size_t at = 0; at < all.size(); ++at)
        observe(observer, by, all.substr(at, 1), t_us);
      if (all.empty()) observe(observer, by, all, t_us);
    } else {
      const std::size_t at = i == split_text ? split : 0;
      observe(observer, by, all.substr(0, at), t_us);
      observe(observer, by, all.substr(at), t_us);
    }
  }
  EXPECT_EQ(untimed(observer.exchanges()), conversation.exchanges);
  EXPECT_EQ(observer.observing(), conversation.observing);
}

void expect_observed_in_any_pieces(const std::vector<Conversation>& conversations) {
  for (const Conversation& conversation : conversations) {
    expect_observed(conversation, 0, 0, true);
    for (std::size_t i = 0; i < conversation.said.size(); ++i) {
      for (std::size_t at = 0; at <= conversation.said[i].text.size(); ++at) {
        expect_observed(conversation, i, at, false);
      }
    }
  }
}

TEST(Http1Observer, ListsExchangesInAnyPieces) {
  expect_observed_in_any_pieces(ordinary_conversations());
}

TEST(Http1Observer, StopsAndKeepsWhatWasSeen) {
  expect_observed_in_any_pieces(conversations_that_stop());
}

TEST(Http1Observer, ShowsTargetsAsTheyMayBeShown) {
  struct Row {
    std::string sent, masked, open;
  };
  const std::vector<Row> rows = {
      {"/a?b=c", "/a?b=***", "/a?b=c"},
      {"/a?b=c=d;e=", "/a?b=***;e=***", "/a?b=c=d;e="},
      {"/a?", "/a?", "/a?"},
      {"/a?token", "/a?***", "/a?token"},
      {"/a\xc3\xa4\x9b[2J", "/a%C3%A4%9B[2J", "/a%C3%A4%9B[2J"},
      {"/" + std::string(5000, 'x'), "/" + std::string(2047, 'x') + "...",
       "/" + std::string(2047, 'x') + "..."},
  };
  for (const Row& row : rows) {
    for (const bool log_queries : {false, true}) {
      Http1Observer observer(log_queries);
      observe(observer, client, "GET " + row.sent + " HTTP/1.0\r\n\r\n", 0);
      ASSERT_EQ(observer.exchanges().size(), 1U) << row.sent;
      EXPECT_EQ(observer.exchanges()[0].target, log_queries ? row.open : row.masked);
      EXPECT_EQ(observer.exchanges()[0].protocol, "http/1.0");
    }
  }
}

TEST(Http1Observer, TellsWhomARequestIsFor) {
  const std::string longest(258, 'h');
  const struct {
    std::string fields;
    std::optional<std::string> host;
  } rows[] = {{"", {}},
              {"Host:\r\n", {}},
              {"Host: a.example:8443\r\n", "a.example:8443"},
              {"Accept: */*\r\nHOST:   [::1]:443  \r\n", "[::1]:443"},
              {"Host: first\r\nHost: second\r\n", "first"},
              {"X-Host: b\r\n", {}},
              {"Host: a b\x9b\r\n", "a%20b%9B"},
              {"Host: " + longest + "h\r\n", longest + "h"},
              {"Host: " + longest + "hh\r\n", longest + "h..."}};
  for (const auto& row : rows) {
    Http1Observer observer(false);
    observe(observer, client, "GET / HTTP/1.1\r\n" + row.fields + "\r\n", 0);
    ASSERT_EQ(observer.exchanges().size(), 1U) << row.fields;
    EXPECT_EQ(observer.exchanges()[0].host, row.host) << row.fields;
  }
}

TEST(Http1Observer, AHostAmongTheTrailersIsNone) {
  Http1Observer observer(false);
  observe(observer, client,
          "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nHost: h\r\n\r\n", 0);
  ASSERT_EQ(observer.exchanges().size(), 1U);
  EXPECT_EQ(observer.exchanges()[0].host, std::nullopt);
  EXPECT_TRUE(observer.observing());
}

TEST(Http1Observer, StopsAtAnEndlessHeader) {
  for (const std::size_t piece : {1U, 1000U, 100'000U}) {
    const std::string field = "A: " + std::string(piece, 'a');
    Http1Observer observer(false);
    observe(observer, client, "GET /a HTTP/1.1\r\n", 0);
    std::size_t sent = 0;
    for (; observer.observing() && sent < 2 * limits::kMaxHttpHeaderBytes; sent += field.size()) {
      observe(observer, client, field, 0);
    }
    EXPECT_LE(sent, limits::kMaxHttpHeaderBytes + field.size());
    EXPECT_FALSE(observer.observing());
    EXPECT_EQ(untimed(observer.exchanges()), std::vector{exchange("GET", "/a")});
  }
}

TEST(Http1Observer, StopsAtEndlessChunkHeadersAndTrailers) {
  for (const std::string begin : {"5;x=", "0\r\nT: "}) {
    for (const std::size_t piece : {1U, 1000U, 100'000U}) {
      Http1Observer observer(false);
      observe(observer, client, kGet, 0);
      observe(observer, backend, kChunkedOk + begin, 0);
      const std::string more(piece, 'x');
      std::size_t sent = 0;
      for (; observer.observing() && sent < 2 * limits::kMaxHttpHeaderBytes; sent += piece) {
        observe(observer, backend, more, 0);
      }
      EXPECT_FALSE(observer.observing()) << begin << piece;
      EXPECT_LE(sent, limits::kMaxHttpHeaderBytes + 300 + piece);
    }
  }
}

TEST(Http1Observer, TakesManySmallChunks) {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "2\r\nab\r\n";
  for (const std::size_t piece : {1U, 3U, 255U, 257U, 16'384U, 1'000'000U}) {
    Http1Observer observer(false);
    observe(observer, client, kGet, 0);
    const std::string response = kChunkedOk + body + "0\r\n\r\n";
    for (std::size_t at = 0; at < response.size(); at += piece) {
      observe(observer, backend, std::string_view(response).substr(at, piece), 1000);
    }
    EXPECT_EQ(untimed(observer.exchanges()), std::vector{exchange("GET", "/a", 200, 0, 10'000)})
        << piece;
    EXPECT_TRUE(observer.observing());
  }
}

TEST(Http1Observer, SkipsALargeBodyWithoutLookingAtIt) {
  const std::string block(16'384, 'x');
  constexpr std::size_t kBlocks = (1U << 30) / 16'384;
  Http1Observer observer(false);
  observe(observer, client, kGet, 0);
  observe(observer, backend, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", 1000);
  const std::clock_t started = std::clock();
  for (std::size_t i = 0; i < kBlocks; ++i) observe(observer, backend, block, 2000);
  const double seconds = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
  RecordProperty("ns_per_block", std::to_string(seconds * 1e9 / kBlocks));
  // Processor time: looking at each byte would take a second and more; the slack is for sanitizers.
  EXPECT_LT(seconds, 0.2);

  observe(observer, client, kGet, 2000);
  observe(observer, backend, kOk, 3000);
  EXPECT_EQ(untimed(observer.exchanges()), (std::vector{exchange("GET", "/a", 200, 0, 1ULL << 30),
                                                        exchange("GET", "/a", 200, 0, 5)}));
}

TEST(Http1Observer, StopsWhenTheListIsFull) {
  Http1Observer observer(false);
  for (std::size_t i = 0; i < limits::kMaxHttpExchanges; ++i) {
    ASSERT_TRUE(observer.observing());
    observe(observer, client, kGet, 0);
    observe(observer, backend, kOk, 1000);
  }
  EXPECT_FALSE(observer.observing());
  const std::vector all(limits::kMaxHttpExchanges, exchange("GET", "/a", 200, 0, 5));
  EXPECT_EQ(untimed(observer.exchanges()), all);
}

TEST(Http1Observer, FinishesTheListWhenMoreIsPipelined) {
  Http1Observer observer(false);
  for (std::size_t i = 0; i + 1 < limits::kMaxHttpExchanges; ++i) {
    observe(observer, client, kGet, 0);
    observe(observer, backend, kOk, 1000);
  }
  observe(observer, client, kGet + kGet + "\r\n\r\n", 0);
  EXPECT_TRUE(observer.observing());
  observe(observer, backend, kOk, 1000);
  EXPECT_FALSE(observer.observing());
  EXPECT_EQ(observer.exchanges().size(), limits::kMaxHttpExchanges);
  EXPECT_EQ(untimed(observer.exchanges()).back(), exchange("GET", "/a", 200, 0, 5));
}

TEST(Http1Observer, StopsAtTooManyPipelinedRequests) {
  Http1Observer observer(false);
  for (std::size_t i = 0; i < limits::kMaxPipelinedRequests; ++i)
    observe(observer, client, kGet, 0);
  EXPECT_TRUE(observer.observing());
  observe(observer, client, kGet, 0);
  EXPECT_FALSE(observer.observing());
  EXPECT_EQ(observer.exchanges().size(), limits::kMaxPipelinedRequests);
}

TEST(Http1Observer, IsSmallInEveryConnection) { EXPECT_LE(sizeof(Http1Observer), 192U); }

}  // namespace
}  // namespace visavis::inspect
