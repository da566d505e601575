#include "proxy/connect_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"

namespace visavis::proxy {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

inspect::Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// What came of a text that is read in pieces, in words: "HOST PORT", "STATUS REASON" or "more".
std::string came_of(const ConnectReader& reader) {
  if (!reader.result()) return "more";
  if (const auto* asked = std::get_if<HostPort>(&*reader.result()))
    return asked->host + " " + std::to_string(asked->port);
  const auto& refusal = std::get<ConnectRefusal>(*reader.result());
  return std::to_string(refusal.status) + " " + refusal.reason;
}

/// Reads a text in pieces and returns how many bytes were taken.
std::size_t read(ConnectReader& reader, std::string_view text, std::size_t piece) {
  std::size_t taken = 0;
  while (taken < text.size() && !reader.result())
    taken += reader.read(as_bytes(text.substr(taken, piece)));
  return taken;
}

const std::string kFields = " HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic eA==\r\n\r\n";

TEST(ConnectReader, TakesTheRequestAndNotAByteMore) {
  struct Row {
    std::string request, asked;
  };
  const std::vector<Row> rows{
      {"CONNECT example.com:443" + kFields, "example.com 443"},
      {"CONNECT 192.0.2.7:8443 HTTP/1.0\r\n\r\n", "192.0.2.7 8443"},
      {"CONNECT [2001:db8::1]:443" + kFields, "2001:db8::1 443"},
      {"CONNECT a_b-c.xn--bcher-kva.example:65535 HTTP/1.1\r\n\r\n",
       "a_b-c.xn--bcher-kva.example 65535"},
      {"\r\nCONNECT h:1 HTTP/1.1\r\nContent-Length: 9\r\n\r\n", "h 1"},
  };
  for (const Row& row : rows) {
    const std::string all = row.request + "\x16\x03\x01 and what follows";
    for (std::size_t piece = 1; piece <= all.size(); ++piece) {
      SCOPED_TRACE(row.request + " in pieces of " + std::to_string(piece));
      ConnectReader reader;
      EXPECT_EQ(read(reader, all, piece), row.request.size());
      EXPECT_EQ(came_of(reader), row.asked);
      EXPECT_EQ(reader.read(as_bytes("more")), 0U);
    }
    for (std::size_t size = 0; size < row.request.size(); ++size) {
      ConnectReader reader;
      EXPECT_EQ(read(reader, row.request.substr(0, size), 7), size);
      EXPECT_EQ(came_of(reader), "more") << "cut at " << size;
      EXPECT_EQ(reader.begun(), size > 0);
    }
  }
}

TEST(ConnectReader, SaysWhatIsWrong) {
  struct Row {
    std::string request, said;
  };
  const std::string rest = " HTTP/1.1\r\n\r\n";
  const std::vector<Row> rows{
      {"GET http://a/?secret HTTP/1.1\r\nHost: a\r\n\r\n", "405 GET was sent, and only CONNECT is"},
      {"CONNECT a" + rest, "400 HTTP CONNECT: 'a' is not HOST:PORT: the port is missing"},
      {"CONNECT a:" + rest, "400 HTTP CONNECT: 'a:' is not HOST:PORT: '' is not a port"},
      {"CONNECT :443" + rest, "400 HTTP CONNECT: ':443' is not HOST:PORT: the host is missing"},
      {"CONNECT a:65536" + rest, "400 HTTP CONNECT: 'a:65536' is not HOST:PORT: '65536' is not a"},
      {"CONNECT a:+1" + rest, "400 HTTP CONNECT: 'a:+1' is not HOST:PORT: '+1' is not a port"},
      {"CONNECT a:44x" + rest, "400 HTTP CONNECT: 'a:44x' is not HOST:PORT: '44x' is not a port"},
      {"CONNECT a:0" + rest, "400 HTTP CONNECT: port 0 of 'a:0' can't be dialled"},
      {"CONNECT ::1:443" + rest, "400 HTTP CONNECT: '::1:443' is not HOST:PORT: write an IPv6"},
      {"CONNECT [::g]:443" + rest, "400 HTTP CONNECT: '[::g]:443' has no valid host"},
      {"CONNECT [a]:443" + rest, "400 HTTP CONNECT: '[a]:443' has no valid host"},
      {"CONNECT user@a:443" + rest, "400 HTTP CONNECT: 'user@a:443' has no valid host"},
      {"CONNECT https://a:443" + rest, "400 HTTP CONNECT: 'https://a:443' is not HOST:PORT: write"},
      {"CONNECT a/b:443" + rest, "400 HTTP CONNECT: 'a/b:443' has no valid host"},
      {"CONNECT " + std::string(300, 'a') + ":443" + rest,
       "400 HTTP CONNECT: HOST:PORT of 304 bytes, and no name is so long"},
      {"CONNECT a:443 HTTP/2.0\r\n\r\n", "400 the request's first line can't be read"},
      {"CONNECT a:443\r\n\r\n", "400 the request's first line can't be read"},
      {"CONNECT a:443 HTTP/1.1\r\nbroken\0\r\n\r\n"s,
       "400 the header fields of the CONNECT request can't be read"},
      {"\x16\x03\x01\x02\x00\x01"s, "400 the client began TLS at once: it does not use this as a"},
      {"\x05\x01\x00"s, "400 what came is no HTTP CONNECT, but: SOCKS"},
      {"SSH-2.0-x\r\n", "400 what came is no HTTP CONNECT, but: SSH"},
      {"\x01\xfe\x99visavis", "400 what came is no HTTP request"},
  };
  for (const Row& row : rows) {
    ConnectReader reader;
    read(reader, row.request, row.request.size());
    EXPECT_THAT(came_of(reader), StartsWith(row.said)) << row.request;
    EXPECT_THAT(came_of(reader), ::testing::Not(HasSubstr("secret"))) << "nothing that is private";
    EXPECT_EQ(came_of(reader).find('\n'), std::string::npos);
    for (std::size_t piece = 1; piece < row.request.size(); ++piece) {
      ConnectReader trickled;
      read(trickled, row.request, piece);
      EXPECT_THAT(came_of(trickled), StartsWith("4")) << row.request << " in " << piece;
    }
  }
}

TEST(ConnectReader, ReadsSoMuchAndNoMore) {
  for (const std::size_t piece : {1U, 1000U, 4096U}) {
    ConnectReader reader;
    const std::string endless = "CONNECT a:443 HTTP/1.1\r\nA: " +
                                std::string(2 * inspect::limits::kMaxHttpHeaderBytes, 'a');
    EXPECT_LE(read(reader, endless, piece), inspect::limits::kMaxHttpHeaderBytes + piece);
    EXPECT_EQ(came_of(reader), "431 the request has more than 65536 bytes of header fields");
  }
}

TEST(ConnectTunnel, LeadsToARouteTheFixedBackendOrTheNameItself) {
  const HostPort asked{"a.example", 443};
  const HostPort fixed{"127.0.0.1", 8443};
  const HostPort routed{"127.0.0.1", 9443};
  const std::vector<Route> routes{{"a.example", routed}};
  const std::vector<Route> other{{"b.example", routed}};
  EXPECT_EQ(connect_tunnel(asked, {}, {}).backend, asked);
  EXPECT_EQ(connect_tunnel(asked, other, {}).backend, asked);
  EXPECT_EQ(connect_tunnel(asked, {}, fixed).backend, fixed);
  EXPECT_EQ(connect_tunnel(asked, other, fixed).backend, fixed);
  EXPECT_EQ(connect_tunnel(asked, routes, fixed).backend, routed);
  EXPECT_EQ(connect_tunnel(asked, routes, fixed).asked, asked);
  EXPECT_EQ(connect_tunnel({"A.Example", 443}, routes, {}).backend, routed) << "without case";
}

TEST(ConnectTunnel, KnowsHowManySegmentsCameBefore) {
  EXPECT_EQ(segments_before(nullptr), 0U);
  ConnectTunnel tunnel;
  EXPECT_EQ(segments_before(&tunnel), std::nullopt);
  tunnel.segments_before = 2;
  EXPECT_EQ(segments_before(&tunnel), 2U);
}

TEST(ConnectRefusal, IsAWholeResponseOfOneLine) {
  EXPECT_EQ(refusal_response({400, "no"}),
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 12\r\nConnection: close\r\n\r\nvisavis: no\n");
  EXPECT_THAT(refusal_response({405, "no"}),
              StartsWith("HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n"));
  EXPECT_THAT(refusal_response({408, "no"}), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_THAT(refusal_response({431, "no"}),
              StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

}  // namespace
}  // namespace visavis::proxy
