// When an HTTP exchange's parts came, and what its response is.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "inspect/bytes/limits.h"
#include "inspect/http/http2_frame.h"
#include "inspect/http/http_observer.h"
#include "inspect/http/request_target.h"
#include "tests/support/http2_frames.h"

namespace visavis::inspect {
namespace {

using testing::http2_frame;
using testing::http2_settings;
using testing::Http2Encoder;

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void ask(HttpObserver& observer, std::int64_t ms, std::string_view text) {
  observer.observe_request(as_bytes(text), ms * 1000);
}
void answer(HttpObserver& observer, std::int64_t ms, std::string_view text) {
  observer.observe_response(as_bytes(text), ms * 1000);
}

void expect_times(const HttpExchange& exchange, std::optional<double> started,
                  std::optional<double> send, std::optional<double> wait,
                  std::optional<double> receive) {
  EXPECT_EQ(exchange.started_ms, started);
  EXPECT_EQ(exchange.send_ms, send);
  EXPECT_EQ(exchange.time_to_first_byte_ms, wait);
  EXPECT_EQ(exchange.receive_ms, receive);
}

TEST(Http1Timing, TellsWhenEveryPartCame) {
  HttpObserver observer(false);
  ask(observer, 10, "POST /a HTTP/1.1\r\nHost: h\r\n");
  ask(observer, 12, "Content-Length: 4\r\n\r\nab");
  ask(observer, 15, "cd");
  answer(observer, 20, "HTTP/1.1 200 OK\r\nContent-");
  answer(observer, 21, "Type: text/html; charset=utf-8\r\nContent-Length: 2\r\n\r\n");
  answer(observer, 29, "xy");
  ask(observer, 40, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  answer(observer, 42, "HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_EQ(observer.exchanges().size(), 2U);
  expect_times(observer.exchanges()[0], 10.0, 5.0, 5.0, 9.0);
  EXPECT_EQ(observer.exchanges()[0].content_type, "text/html; charset=utf-8");
  expect_times(observer.exchanges()[1], 40.0, 0.0, 2.0, 0.0);
  EXPECT_EQ(observer.exchanges()[1].content_type, std::nullopt);
}

TEST(Http1Timing, KeepsThoseOfPipelinedRequestsApart) {
  HttpObserver observer(false);
  ask(observer, 1, "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n");
  ask(observer, 3, "\r\n");
  answer(observer, 5, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
  answer(observer, 8, "aHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
  answer(observer, 9, "b");
  ASSERT_EQ(observer.exchanges().size(), 2U);
  expect_times(observer.exchanges()[0], 1.0, 0.0, 4.0, 3.0);
  expect_times(observer.exchanges()[1], 1.0, 2.0, 5.0, 1.0);
}

/// An interim response is not the answer; the last chunk, which may come late, is its end.
TEST(Http1Timing, CountsFromTheFinalResponseToItsLastByte) {
  HttpObserver observer(false);
  ask(observer, 1, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  answer(observer, 2, "HTTP/1.1 100 Continue\r\n\r\n");
  ask(observer, 4, "x");
  EXPECT_EQ(observer.exchanges().at(0).receive_ms, std::nullopt);
  answer(observer, 7, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  answer(observer, 9, "0\r\n\r\n");
  expect_times(observer.exchanges().at(0), 1.0, 3.0, 3.0, 2.0);
}

TEST(Http1Timing, OfARequestWithoutAnAnswerIsWhatWasSeen) {
  HttpObserver observer(false);
  ask(observer, 3, "GET /a HTTP/1.1\r\n\r\n");
  observer.response_ended();
  expect_times(observer.exchanges().at(0), 3.0, 0.0, std::nullopt, std::nullopt);
}

/// Header blocks, DATA and END_STREAM: RFC 9113 6.1 and 6.2. Two streams at a time.
TEST(Http2Timing, TellsWhenEveryPartCame) {
  constexpr std::uint8_t kHeaders = 1;
  constexpr std::uint8_t kEndHeaders = 4;
  constexpr std::uint8_t kEndBoth = 5;
  HttpObserver observer(false);
  Http2Encoder requests;
  Http2Encoder responses;
  const auto request = [&](const char* method) {
    return requests.block({{":method", method}, {":scheme", "https"}, {":path", "/"}});
  };
  ask(observer, 0, std::string(kHttp2Preface) + http2_settings());
  answer(observer, 0, http2_settings());
  ask(observer, 10, http2_frame(kHeaders, kEndHeaders, 1, request("POST")));
  ask(observer, 11, http2_frame(kHeaders, kEndBoth, 3, request("GET")));
  ask(observer, 14, http2_frame(0, 1, 1, "body"));
  answer(observer, 15,
         http2_frame(kHeaders, kEndBoth, 3,
                     responses.block({{":status", "304"}, {"content-type", "image/png"}})));
  answer(observer, 20,
         http2_frame(kHeaders, kEndHeaders, 1,
                     responses.block({{":status", "200"}, {"content-type", "a/b"}})));
  answer(observer, 24, http2_frame(0, 0, 1, "part"));
  answer(observer, 27, http2_frame(0, 1, 1, ""));
  ASSERT_EQ(observer.exchanges().size(), 2U);
  expect_times(observer.exchanges()[0], 10.0, 4.0, 6.0, 7.0);
  EXPECT_EQ(observer.exchanges()[0].content_type, "a/b");
  expect_times(observer.exchanges()[1], 11.0, 0.0, 4.0, 0.0);
  EXPECT_EQ(observer.exchanges()[1].content_type, "image/png");
}

TEST(ListedMediaType, IsOnePrintableLineOfBoundedLength) {
  EXPECT_EQ(listed_media_type(""), std::nullopt);
  EXPECT_EQ(listed_media_type("text/html; charset=utf-8"), "text/html; charset=utf-8");
  EXPECT_EQ(listed_media_type("a\x1b[0m\t\xff"), "a%1B[0m%09%FF");
  EXPECT_EQ(listed_media_type(std::string(100'000, 'a'))->size(), limits::kMaxListedHostBytes + 3);
}

}  // namespace
}  // namespace visavis::inspect
