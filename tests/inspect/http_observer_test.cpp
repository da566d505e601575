#include "inspect/http/http_observer.h"

#include <gtest/gtest.h>

#include <string>

#include "inspect/http/http2_frame.h"
#include "tests/support/http2_frames.h"

namespace visavis::inspect {
namespace {

using testing::http2_frame;
using testing::http2_settings;
using testing::unhexed;

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

const std::string kSettings = http2_settings();
const std::string kAsked =
    std::string(kHttp2Preface) + kSettings + http2_frame(1, 5, 1, unhexed("82 87 84"));
const std::string kAnswered = kSettings + http2_frame(1, 5, 1, unhexed("88"));

/// "PROTOCOL METHOD TARGET STATUS" of each exchange.
std::vector<std::string> listed(const HttpObserver& observer) {
  std::vector<std::string> lines;
  for (const HttpExchange& each : observer.exchanges())
    lines.push_back(each.protocol + " " + each.method + " " + each.target + " " +
                    std::to_string(each.status.value_or(0)));
  return lines;
}

void ask(HttpObserver& observer, std::string_view text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece)
    observer.observe_request(as_bytes(text.substr(at, piece)), 0);
}

TEST(HttpObserver, PicksHttp2ByItsPreface) {
  for (std::size_t piece = 1; piece <= kAsked.size(); ++piece) {
    HttpObserver observer(false);
    ask(observer, kAsked, piece);
    observer.observe_response(as_bytes(kAnswered), 0);
    EXPECT_EQ(listed(observer), std::vector<std::string>{"http/2 GET / 200"}) << piece;
    EXPECT_TRUE(observer.observing());
  }
}

TEST(HttpObserver, PicksHttp2ByAlpnThoughTheBackendSpeaksFirst) {
  HttpObserver observer(false);
  observer.expect_alpn("h2");
  observer.observe_response(as_bytes(kSettings), 0);
  ask(observer, kAsked, 1);
  observer.observe_response(as_bytes(kAnswered.substr(kSettings.size())), 0);
  EXPECT_EQ(listed(observer), std::vector<std::string>{"http/2 GET / 200"});
}

/// ALPN says what to expect; what the client sends is what it speaks. PROPFIND begins as the
/// preface does.
TEST(HttpObserver, PicksHttp1WhereAlpnChoseHttp2AndTheClientSpeaksHttp1) {
  const std::string asked = "PROPFIND /x HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t piece = 1; piece <= asked.size(); ++piece) {
    HttpObserver observer(false);
    observer.expect_alpn("h2");
    observer.observe_response(as_bytes(kSettings), 0);
    ask(observer, asked, piece);
    EXPECT_EQ(listed(observer), std::vector<std::string>{"http/1.1 PROPFIND /x 0"}) << piece;
  }
}

/// A method may begin as the preface does, and be told in pieces.
TEST(HttpObserver, PicksHttp1ForAnythingElse) {
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  for (const std::string method : {"GET", "P", "PR", "PRI", "POST", "PROPFIND"}) {
    const std::string request = method + " /a HTTP/1.1\r\nHost: h\r\n\r\n";
    for (std::size_t piece = 1; piece <= request.size(); ++piece) {
      HttpObserver observer(false);
      observer.expect_alpn("http/1.1");
      ask(observer, request, piece);
      observer.observe_response(as_bytes(answer), 0);
      EXPECT_EQ(listed(observer), std::vector<std::string>{"http/1.1 " + method + " /a 204"});
      EXPECT_TRUE(observer.observing());
    }
  }
}

TEST(HttpObserver, StopsAtWhatIsNeither) {
  HttpObserver observer(false);
  ask(observer, "\x30\x0c\x02\x01", 1);
  EXPECT_FALSE(observer.observing());

  HttpObserver first(false);
  first.observe_response(as_bytes("220 mail\r\n"), 0);
  EXPECT_FALSE(first.observing()) << "the backend speaks first";

  HttpObserver half(false);
  ask(half, kHttp2Preface.substr(0, 20), 20);
  EXPECT_TRUE(half.observing());
  half.observe_response(as_bytes("?"), 0);
  EXPECT_FALSE(half.observing()) << "an answer to half a preface";

  HttpObserver alpn(false);
  alpn.expect_alpn("h2");
  ask(alpn, "GET / HTTP/1.1\r\n\r\n", 100);
  EXPECT_EQ(listed(alpn), std::vector<std::string>{"http/1.1 GET / 0"})
      << "HTTP/1 where h2 was agreed on is still HTTP/1";
}

TEST(HttpObserver, TellsThePrefaceWithoutARequest) {
  const std::string begun = std::string(kHttp2Preface) + kSettings;
  for (std::size_t count = 0; count <= begun.size(); ++count) {
    HttpObserver observer(false);
    ask(observer, begun.substr(0, count), 5);
    EXPECT_EQ(observer.preface_only(), count >= kHttp2Preface.size()) << count;
  }
  HttpObserver observer(false);
  ask(observer, begun, 7);
  observer.observe_response(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), 0);
  EXPECT_TRUE(observer.preface_only()) << "that is no HTTP/2";
  HttpObserver answered(false);
  ask(answered, begun, 7);
  for (const char byte : kSettings) answered.observe_response(as_bytes({&byte, 1}), 0);
  EXPECT_FALSE(answered.preface_only());
  HttpObserver asked(false);
  ask(asked, kAsked, 100);
  EXPECT_FALSE(asked.preface_only());
  HttpObserver alpn(false);
  alpn.expect_alpn("h2");
  ask(alpn, begun, 3);
  EXPECT_TRUE(alpn.preface_only());
}

TEST(HttpObserver, TellsTheBackendsEnd) {
  HttpObserver observer(false);
  ask(observer, kAsked, 100);
  observer.observe_response(as_bytes(kSettings + http2_frame(1, 4, 1, unhexed("88"))), 0);
  observer.response_ended();
  ASSERT_EQ(observer.exchanges().size(), 1U);
  EXPECT_TRUE(observer.exchanges()[0].cut_short);
}

TEST(HttpObserver, IsSmallInEveryConnection) { EXPECT_LE(sizeof(HttpObserver), 224U); }

}  // namespace
}  // namespace visavis::inspect
