#include "inspect/http/http2_observer.h"

#include <gtest/gtest.h>

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/limits.h"
#include "tests/support/http2_frames.h"
#include "tests/support/untimed_exchanges.h"

namespace visavis::inspect {
namespace {

using namespace std::string_literals;
using testing::HeaderList;
using testing::http2_frame;
using testing::http2_number;
using testing::http2_padded;
using testing::http2_settings;
using testing::unhexed;
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
  return {"http/2",      std::move(method), std::move(target), status,
          request_bytes, response_bytes,    first_byte_ms};
}

HttpExchange cut_short(HttpExchange exchange) {
  exchange.cut_short = true;
  return exchange;
}

HttpExchange excused(HttpExchange exchange, std::string why) {
  exchange.excused = std::move(why);
  return exchange;
}

const std::string kCancelled = "the client cancelled it";
const std::string kNotBegun = "the backend had not begun with it, and said so";
const std::string kNotRead = "its HTTP/2 could not be read any further";

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void observe(Http2Observer& observer, Said::By by, std::string_view text, std::int64_t t_us) {
  if (by == client) observer.observe_request(as_bytes(text), t_us);
  if (by == backend) observer.observe_response(as_bytes(text), t_us);
  if (by == backend_closes) observer.response_ended();
}

constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;
constexpr std::uint8_t kWhole = kEndStream | kEndHeaders;

const std::string kOpening = std::string(kHttp2Preface) + http2_settings();
const std::string kServerOpening = http2_settings();

// Blocks of the static table alone (RFC 7541 A), so that they do not hang on those before them.
const std::string kGet = unhexed("82 87 84");            // GET https /
const std::string kPost = unhexed("83 87 84");           // POST https /
const std::string k200 = unhexed("88");                  // 200
const std::string k404 = unhexed("8d");                  // 404
const std::string k103 = unhexed("08 03 31 30 33");      // 103, not indexed
const std::string kTrailer = unhexed("00 01 61 01 62");  // a: b

std::string headers(std::uint32_t stream, std::string_view block, std::uint8_t flags = kWhole) {
  return http2_frame(1, flags, stream, block);
}
std::string data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = kEndStream) {
  return http2_frame(0, flags, stream, bytes);
}
std::string reset(std::uint32_t stream, std::uint32_t code) {
  return http2_frame(3, 0, stream, http2_number(code, 4));
}
std::string goaway(std::uint32_t last, std::uint32_t code) {
  return http2_frame(7, 0, 0, http2_number(last, 4) + http2_number(code, 4) + "bye");
}

std::vector<Conversation> ordinary_conversations() {
  const std::string open = kOpening;
  const std::string get = headers(1, kGet);
  const std::string ok = headers(1, k200, kEndHeaders) + data(1, "hello");
  const std::string hello = kServerOpening;
  return {
      {"one", {{client, open + get}, {backend, hello + ok}}, {exchange("GET", "/", 200, 0, 5)}},
      {"the backend speaks first",
       {{backend, hello}, {client, open + get}, {backend, ok}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"a body up, padding not counted",
       {{client, open + headers(1, kPost, kEndHeaders) + data(1, "1234", 0)},
        {client, http2_frame(0, kEndStream | 8, 1, http2_padded("56", 7))},
        {backend, hello + headers(1, k200)}},
       {exchange("POST", "/", 200, 6, 0)}},
      {"padding alone, and an empty frame",
       {{client, open + headers(1, kPost, kEndHeaders)},
        {client, http2_frame(0, 8, 1, http2_padded("", 255)) + data(1, "")},
        {backend, hello + headers(1, k200)}},
       {exchange("POST", "/", 200, 0, 0)}},
      {"padded and prioritised headers",
       {{client, open + http2_frame(1, kWhole | 8 | 0x20, 1,
                                    http2_padded("\x80\x00\x00\x03\x10"s + kGet, 3))},
        {backend, hello + ok}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"a header block over three frames",
       {{client, open + headers(1, kGet.substr(0, 1), kEndStream) +
                     http2_frame(9, 0, 1, kGet.substr(1, 1)) +
                     http2_frame(9, kEndHeaders, 1, kGet.substr(2))},
        {backend, hello + ok}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"two at once, answered the other way round",
       {{client, open + get + headers(3, kPost, kEndHeaders) + data(3, "up")},
        {backend, hello + headers(3, k404) + headers(1, k200, kEndHeaders) + data(1, "he", 0)},
        {backend, data(1, "llo")}},
       {exchange("GET", "/", 200, 0, 5), exchange("POST", "/", 404, 2)}},
      {"interim responses and trailers",
       {{client, open + headers(1, kPost, kEndHeaders) + data(1, "x", 0) + headers(1, kTrailer)},
        {backend, hello + headers(1, k103, kEndHeaders)},
        {backend, headers(1, k200, kEndHeaders) + data(1, "body", 0) + headers(1, kTrailer)}},
       {exchange("POST", "/", 200, 1, 4, 2.0)}},
      {"answered before the request's end",
       {{client, open + headers(1, kPost, kEndHeaders)},
        {backend, hello + headers(1, k404) + reset(1, 0)},
        {client, data(1, "late")}},
       {exchange("POST", "/", 404)}},
      {"frames that say nothing of exchanges, known and unknown",
       {{client, open + http2_frame(8, 0, 0, http2_number(65535, 4)) +
                     http2_frame(2, 0, 1, "\0\0\0\0\x0f"s) + get + http2_frame(0xfa, 0xff, 7, "?") +
                     http2_frame(4, 1, 0)},
        {backend,
         hello + http2_frame(6, 0, 0, "12345678") + ok + http2_frame(10, 0, 1, "\0\0h2"s)}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"a promise is read and not listed",
       {{client, open + get},
        {backend, hello + http2_frame(5, kEndHeaders, 1, http2_number(2, 4) + kGet) +
                      headers(2, k200, kEndHeaders) + data(2, "pushed") + ok}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"the client cancels",
       {{client, open + get},
        {backend, hello + headers(1, k200, kEndHeaders) + data(1, "he", 0)},
        {client, reset(1, 8)},
        {backend, data(1, "llo")},
        {backend_closes, ""}},
       {excused(exchange("GET", "/", 200, 0, 2), kCancelled)}},
      {"the backend resets",
       {{client, open + get},
        {backend, hello + headers(1, k200, kEndHeaders) + data(1, "he", 0) + reset(1, 2)}},
       {cut_short(exchange("GET", "/", 200, 0, 2))}},
      {"the backend refuses",
       {{client, open + get}, {backend, hello + reset(1, 7)}},
       {excused(exchange("GET", "/"), kNotBegun)}},
      {"the backend goes away, in order",
       {{client, open + get + headers(3, kGet)}, {backend, hello + goaway(1, 0) + ok}},
       {exchange("GET", "/", 200, 0, 5), excused(exchange("GET", "/"), kNotBegun)}},
      {"the backend goes away with an error",
       {{client, open + get + headers(3, kGet)}, {backend, hello + goaway(1, 2) + ok}},
       {exchange("GET", "/", 200, 0, 5), cut_short(exchange("GET", "/"))}},
      {"the client goes away",
       {{client, open + get + goaway(0, 0)}, {backend, hello + ok}},
       {exchange("GET", "/", 200, 0, 5)}},
      {"closed in the middle of a response",
       {{client, open + get + headers(3, kGet)},
        {backend, hello + headers(3, k200, kEndHeaders) + data(3, "h", 0)},
        {backend_closes, ""}},
       {exchange("GET", "/"), cut_short(exchange("GET", "/", 200, 0, 1))}},
  };
}

std::vector<Conversation> conversations_that_stop() {
  const std::string get = kOpening + headers(1, kGet);
  const auto client_says = [&](const std::string& name, const std::string& more) {
    return Conversation{
        name, {{client, get + more}}, {excused(exchange("GET", "/"), kNotRead)}, false};
  };
  const auto opens_with = [](const std::string& name, const std::string& text) {
    return Conversation{name, {{client, text}}, {}, false};
  };
  const std::string preface(kHttp2Preface);
  return {
      opens_with("HTTP/1", "GET / HTTP/1.1\r\n\r\n"),
      opens_with("a preface with a slip", preface.substr(0, 23) + "\r"),
      opens_with("no SETTINGS first", preface + headers(1, kGet)),
      opens_with("SETTINGS that acknowledge first", preface + http2_frame(4, 1, 0)),
      {"an answer in HTTP/1",
       {{client, get}, {backend, "HTTP/1.1 400 Bad Request\r\n\r\n"}},
       {excused(exchange("GET", "/"), kNotRead)},
       false},
      client_says("DATA on no stream", data(0, "x")),
      client_says("DATA padded beyond its frame", http2_frame(0, 8, 1, "\x01")),
      client_says("DATA without its pad length", http2_frame(0, 8, 1)),
      client_says("HEADERS padded beyond its frame", http2_frame(1, 12, 3, "\x04" + kGet)),
      client_says("HEADERS shorter than its priority", http2_frame(1, 0x24, 3, "1234")),
      client_says("HEADERS on no stream", headers(0, kGet)),
      client_says("HEADERS on a server's stream", headers(2, kGet)),
      client_says("PRIORITY of 4 bytes", http2_frame(2, 0, 1, "1234")),
      client_says("RST_STREAM of 3 bytes", http2_frame(3, 0, 1, "123")),
      client_says("RST_STREAM of 5 bytes", http2_frame(3, 0, 1, "12345")),
      client_says("RST_STREAM on no stream", reset(0, 0)),
      client_says("SETTINGS of 5 bytes", http2_frame(4, 0, 0, "12345")),
      client_says("SETTINGS of 7 bytes", http2_frame(4, 0, 0, "1234567")),
      client_says("SETTINGS on a stream", http2_frame(4, 0, 1)),
      client_says("SETTINGS that acknowledge and set", http2_frame(4, 1, 0, "123456")),
      client_says("PUSH_PROMISE of a client", http2_frame(5, 4, 1, http2_number(2, 4) + kGet)),
      client_says("PING of 7 bytes", http2_frame(6, 0, 0, "1234567")),
      client_says("PING on a stream", http2_frame(6, 0, 1, "12345678")),
      client_says("GOAWAY of 7 bytes", http2_frame(7, 0, 0, "1234567")),
      client_says("WINDOW_UPDATE of 5 bytes", http2_frame(8, 0, 0, "12345")),
      client_says("CONTINUATION of nothing", http2_frame(9, 4, 1, kTrailer)),
      client_says("DATA in a header block", headers(3, kGet, 0) + data(3, "x")),
      client_says("CONTINUATION of another stream",
                  headers(3, kGet, 0) + http2_frame(9, 4, 5, kGet)),
      client_says("a header block that is cut", headers(3, unhexed("82 87 04 05 2f"))),
      client_says("an index that is not there", headers(3, unhexed("82 87 fe"))),
      client_says("no :method", headers(3, unhexed("87 84"))),
      client_says("no :path", headers(3, unhexed("82 87"))),
      client_says(":method twice", headers(3, unhexed("82 82 87 84"))),
      client_says("a method that is none", headers(3, unhexed("02 03 47 20 54 87 84"))),
      {"a response without :status",
       {{client, get}, {backend, kServerOpening + headers(1, kTrailer)}},
       {excused(exchange("GET", "/"), kNotRead)},
       false},
      {"a status of two digits",
       {{client, get}, {backend, kServerOpening + headers(1, unhexed("08 02 39 39"))}},
       {excused(exchange("GET", "/"), kNotRead)},
       false},
      {"a status below 100",
       {{client, get}, {backend, kServerOpening + headers(1, unhexed("08 03 30 39 39"))}},
       {excused(exchange("GET", "/"), kNotRead)},
       false},
  };
}

/// Feeds one text of the conversation in two pieces, the others whole; or all byte by byte.
void expect_observed(const Conversation& conversation, std::size_t split_text, std::size_t split,
                     bool byte_by_byte) {
  SCOPED_TRACE(conversation.name + ", text " + std::to_string(split_text) + " split at " +
               std::to_string(split) + (byte_by_byte ? ", byte by byte" : ""));
  Http2Observer observer(false);
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
      if (at > 0) observe(observer, by, all.substr(0, at), t_us);
      observe(observer, by, all.substr(at), t_us);
    }
  }
  EXPECT_EQ(untimed(observer.exchanges()), conversation.exchanges);
  EXPECT_EQ(observer.observing(), conversation.observing);
}

void expect_observed_in_any_pieces(const std::vector<Conversation>& conversations) {
  for (const Conversation& conversation : conversations) {
    expect_observed(conversation, 0, 0, true);
    for (std::size_t i = 0; i < conversation.said.size(); ++i)
      for (std::size_t at = 0; at <= conversation.said[i].text.size(); ++at)
        expect_observed(conversation, i, at, false);
  }
}

TEST(Http2Observer, ListsExchangesInAnyPieces) {
  expect_observed_in_any_pieces(ordinary_conversations());
}

TEST(Http2Observer, StopsAndKeepsWhatWasSeen) {
  expect_observed_in_any_pieces(conversations_that_stop());
}

/// Whatever is missing at the end: the exchanges are those of the whole, as far as it came.
TEST(Http2Observer, WaitsWhereItIsCutAnywhere) {
  for (const Conversation& conversation : ordinary_conversations()) {
    SCOPED_TRACE(conversation.name);
    for (std::size_t last = 0; last < conversation.said.size(); ++last) {
      const auto& [by, text] = conversation.said[last];
      for (std::size_t size = 0; size < text.size(); ++size) {
        Http2Observer observer(false);
        for (std::size_t i = 0; i < last; ++i)
          observe(observer, conversation.said[i].by, conversation.said[i].text, 0);
        observe(observer, by, std::string_view(text).substr(0, size), 0);
        EXPECT_TRUE(observer.observing()) << "cut at " << size << " of text " << last;
        ASSERT_LE(observer.exchanges().size(), conversation.exchanges.size());
        for (std::size_t i = 0; i < observer.exchanges().size(); ++i) {
          EXPECT_EQ(observer.exchanges()[i].method, conversation.exchanges[i].method);
          EXPECT_LE(observer.exchanges()[i].request_bytes, conversation.exchanges[i].request_bytes);
        }
      }
    }
  }
}

/// Each frame's length one more and one less: no exchange out of nothing, and nothing breaks.
TEST(Http2Observer, StandsLengthsThatAreOffByOne) {
  std::size_t stopped = 0;
  std::size_t tried = 0;
  for (const Conversation& conversation : ordinary_conversations()) {
    SCOPED_TRACE(conversation.name);
    for (std::size_t which = 0; which < conversation.said.size(); ++which) {
      const std::string& text = conversation.said[which].text;
      std::size_t at = text.starts_with("PRI") ? kHttp2Preface.size() : 0;
      while (at + kHttp2FrameHeaderBytes <= text.size()) {
        const auto header =
            parse_http2_frame_header(as_bytes(text).subspan(at).first<kHttp2FrameHeaderBytes>());
        for (const int by : {-1, 1}) {
          if (header.length == 0 && by < 0) continue;
          std::string changed = text;
          changed.replace(at, 3, http2_number(header.length + static_cast<std::uint32_t>(by), 3));
          Http2Observer observer(false);
          for (std::size_t i = 0; i < conversation.said.size(); ++i)
            observe(observer, conversation.said[i].by,
                    i == which ? changed : conversation.said[i].text, 0);
          EXPECT_LE(observer.exchanges().size(), conversation.exchanges.size());
          ++tried;
          stopped += observer.observing() ? 0 : 1;
        }
        at += kHttp2FrameHeaderBytes + header.length;
      }
      EXPECT_EQ(at, text.size());
    }
  }
  EXPECT_GT(tried, 200U);
  EXPECT_GT(stopped, tried / 2) << "most of them can't be read on";
}

}  // namespace
}  // namespace visavis::inspect
