#include "inspect/report/har_writer.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <string>
#include <vector>

#include "inspect/report/har_entry.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

namespace json = boost::json;

/// Times and addresses that are easy to add up.
SessionReport session() {
  SessionReport made = test::healthy_session();
  made.id = "s-1";
  made.started = "2026-02-28T23:59:59.900Z";
  made.backend = "shop.example.com:8443";
  made.backend_address = "192.0.2.7:8443";
  made.sni = "shop.example.com";
  made.backend_leg->connect_ms = 20;
  made.backend_leg->handshake_ms = 30;
  HttpExchange first{"http/1.1", "GET", "/a?user=***&x", 200, 0, 1234, 7.5};
  first.host = "shop.example.com:8443";
  first.started_ms = 150;
  first.send_ms = 1;
  first.receive_ms = 2.25;
  first.content_type = "text/html";
  HttpExchange second{"http/2", "POST", "/b", std::nullopt, 5, 0, std::nullopt};
  second.started_ms = 300;
  made.http = {first, second};
  return made;
}

json::value har_of(const std::vector<SessionReport>& sessions) {
  HarWriter har("1.2.3");
  std::string text = har.begin();
  for (const SessionReport& each : sessions) text += har.session(each);
  return json::parse(text + HarWriter::end());
}

std::string text_at(const json::value& document, const char* pointer) {
  return std::string(document.at_pointer(pointer).as_string());
}

TEST(HarWriter, WritesADocumentWithoutSessions) {
  EXPECT_EQ(har_of({}),
            json::parse(R"({"log":{"version":"1.2","creator":{"name":"visavis","version":"1.2.3"},
                            "entries":[]}})"));
}

TEST(HarWriter, LeavesOutSessionsWithoutRequests) {
  SessionReport silent = session();
  silent.http.clear();
  EXPECT_EQ(har_of({silent, session(), silent}).at_pointer("/log/entries").as_array().size(), 2U);
}

/// Every field that HAR 1.2 asks for, and its type.
TEST(HarWriter, WritesAWholeEntry) {
  const json::value har = har_of({session()});
  json::value entry = har.at_pointer("/log/entries/0");
  entry.as_object().erase("_tls");
  EXPECT_EQ(entry, json::parse(R"({
    "startedDateTime": "2026-03-01T00:00:00.000Z",
    "time": 60.75,
    "request": {"method": "GET", "url": "https://shop.example.com:8443/a?user=***&x",
      "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
      "queryString": [{"name": "user", "value": "***"}, {"name": "x", "value": ""}],
      "headersSize": -1, "bodySize": 0},
    "response": {"status": 200, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
      "headers": [], "content": {"size": 1234, "mimeType": "text/html"}, "redirectURL": "",
      "headersSize": -1, "bodySize": 1234},
    "cache": {},
    "timings": {"blocked": -1, "dns": -1, "connect": 50, "send": 1, "wait": 7.5,
      "receive": 2.25, "ssl": 30},
    "serverIPAddress": "192.0.2.7",
    "connection": "s-1"})"));
}

/// The second request of a connection has waited for none.
TEST(HarWriter, SaysWhatAnExchangeWithoutAResponseLacks) {
  const json::value entry = har_of({session()}).at_pointer("/log/entries/1");
  EXPECT_EQ(text_at(entry, "/startedDateTime"), "2026-03-01T00:00:00.200Z");
  EXPECT_EQ(text_at(entry, "/request/httpVersion"), "HTTP/2");
  EXPECT_EQ(text_at(entry, "/request/url"), "https://shop.example.com:8443/b");
  EXPECT_EQ(entry.at_pointer("/response/status"), 0);
  EXPECT_EQ(text_at(entry, "/response/_error"), "no response was seen");
  EXPECT_EQ(entry.at_pointer("/timings"),
            json::parse(R"({"blocked":-1,"dns":-1,"connect":-1,"send":0,"wait":0,"receive":0,
                            "ssl":-1})"));
  EXPECT_EQ(entry.at("time"), 0);
}

TEST(HarWriter, TellsTheTlsOfBothLegs) {
  SessionReport made = session();
  made.backend_leg->established->cipher = {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
  made.backend_leg->established->version = {0x0303, "TLSv1.2"};
  made.backend_leg->established->group = CodePoint{29, "x25519"};
  made.backend_leg->established->alpn = "http/1.1";
  made.client_leg->established->cipher = {0x1301, "TLS_AES_128_GCM_SHA256"};
  made.client_leg->established->version = {0x0304, "TLSv1.3"};
  made.client_leg->established->group.reset();
  made.client_leg->established->alpn.reset();
  made.verdict.verdict_class = "proxy-masks";
  made.verdict.headline = "a \"headline\"";
  made.findings.resize(2);
  made.findings[0].id = "incomplete-chain";
  made.findings[1].id = "weak-cipher";
  EXPECT_EQ(har_of({made}).at_pointer("/log/entries/1/_tls"), json::parse(R"({
    "session": "s-1", "mode": "terminate", "verdict": "proxy-masks",
    "headline": "a \"headline\"", "sni": "shop.example.com",
    "version": "TLSv1.2", "cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "group": "x25519",
    "alpn": "http/1.1", "resumed": false,
    "client_leg": {"version": "TLSv1.3", "cipher": "TLS_AES_128_GCM_SHA256", "group": null,
      "alpn": null, "resumed": false},
    "findings": ["incomplete-chain", "weak-cipher"]})"));
  made.mode = "observed";
  made.direct_leg = made.backend_leg;
  made.client_leg.reset();
  made.backend_leg.reset();
  const json::value direct = har_of({made}).at_pointer("/log/entries/0");
  EXPECT_EQ(text_at(direct, "/_tls/version"), "TLSv1.2");
  EXPECT_FALSE(direct.at("_tls").as_object().contains("client_leg"));
  EXPECT_EQ(direct.at_pointer("/timings/connect"), 50);
  made.direct_leg->established.reset();
  EXPECT_TRUE(har_of({made}).at_pointer("/log/entries/0/_tls/cipher").is_null());
}

TEST(HarWriter, IsJsonWhateverPeersSay) {
  for (const std::string& hostile :
       {std::string("\"],}"), std::string("\xff\xfe\0", 3), std::string("</script>\n\x1b")}) {
    SessionReport made = test::hostile_session(hostile);
    ASSERT_FALSE(made.http.empty());
    EXPECT_EQ(har_of({made}).at_pointer("/log/entries").as_array().size(), made.http.size());
  }
}

TEST(HarUrl, IsMadeOfWhatTheRequestSays) {
  SessionReport made = session();
  HttpExchange exchange = made.http[1];
  const auto url = [&] { return har_url(made, exchange); };
  exchange.host = "h";
  EXPECT_EQ(url(), "https://h/b");
  exchange.target = "http://other.example/x?u=http://y";
  EXPECT_EQ(url(), "http://other.example/x?u=http://y");
  exchange.target = "/x?u=http://y";
  EXPECT_EQ(url(), "https://h/x?u=http://y");
  exchange.target = "*";
  EXPECT_EQ(url(), "https://h/*");
  exchange.method = "CONNECT";
  exchange.target = "inner.example:443";
  EXPECT_EQ(url(), "https://inner.example:443");
  exchange.method = "GET";
  exchange.target = "/";
  exchange.host.reset();
  made.backend = "10.0.0.1:443";
  EXPECT_EQ(url(), "https://shop.example.com/");
  made.sni.reset();
  made.backend = "[::1]:8443";
  EXPECT_EQ(url(), "https://[::1]:8443/");
}

TEST(HarAddress, HasNeitherPortNorBrackets) {
  SessionReport made = session();
  made.backend_address = "[2001:db8::1]:443";
  EXPECT_EQ(har_address(made), "2001:db8::1");
  made.backend_address.reset();
  made.backend = "192.0.2.1:443";
  EXPECT_EQ(har_address(made), "192.0.2.1");
  for (const char* name : {"localhost:443", "", "cafe:443"}) {
    made.backend = name;
    EXPECT_EQ(har_address(made), "") << name;
  }
}

TEST(HarError, SaysWhyAResponseIsNotWhole) {
  HttpExchange exchange = session().http[0];
  EXPECT_EQ(har_error(exchange), std::nullopt);
  exchange.cut_short = true;
  EXPECT_EQ(har_error(exchange), "the connection ended before the response did");
  exchange.excused = "the client cancelled it";
  EXPECT_EQ(har_error(exchange), "the client cancelled it");
}

TEST(HarTime, IsMovedOverEveryBorder) {
  EXPECT_EQ(later("2024-02-28T23:59:59.999Z", 1), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(later("2023-12-31T23:59:59Z", 1000.4), "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(later("2026-01-02T03:04:05.678Z", 0), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(later("2026-01-02T03:04:05.678901Z", 0.6), "2026-01-02T03:04:05.679Z");
  EXPECT_EQ(later("1969-12-31T23:59:59.500Z", 500), "1970-01-01T00:00:00.000Z");
}

TEST(HarTime, LeavesWhatIsNoTimeAsItIs) {
  const std::string good = "2026-01-02T03:04:05.678Z";
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(later(good.substr(0, size), 1), good.substr(0, size));
  for (const char* bad :
       {"2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05.6Z", "2026-01-02T03:04:-5Z", "no time at all, but Z"})
    EXPECT_EQ(later(bad, 1), bad);
  EXPECT_EQ(later(good, std::numeric_limits<double>::infinity()), good);
  EXPECT_EQ(later(good, 1e300).size(), good.size());
}

}  // namespace
}  // namespace visavis::inspect
