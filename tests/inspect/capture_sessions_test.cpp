#include "inspect/capture/capture_sessions.h"

#include <gtest/gtest.h>

#include "inspect/compare/leg_summary.h"
#include "inspect/report/complete_report.h"
#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::joined;
using test::TcpPacket;
using test::text_bytes;

ByteVector client_hello() {
  const test::HelloBytes hello{.extensions = {test::server_name("www.example.com")}};
  return test::record(22, 0x0301, hello.message());
}
ByteVector server_hello() {
  return test::record(22, 0x0303, test::ServerHelloBytes{.cipher = 0xc02f}.message());
}

/// A conversation as packets of one TCP connection.
class Talk {
 public:
  explicit Talk(std::uint16_t client_port = 1000, std::uint16_t server_port = 443)
      : client_port_(client_port), server_port_(server_port) {}

  Talk& syn() {
    push(true, "S", {});
    ++next_[0];
    push(false, "SA", {});
    ++next_[1];
    return *this;
  }
  Talk& client(const ByteVector& bytes) { return say(true, bytes); }
  Talk& server(const ByteVector& bytes) { return say(false, bytes); }
  /// The capture has not seen these bytes.
  Talk& lose(bool client, std::size_t bytes) {
    next_[client ? 0 : 1] += static_cast<std::uint32_t>(bytes);
    return *this;
  }
  Talk& fin(bool client) {
    push(client, "FA", {});
    ++next_[client ? 0 : 1];
    return *this;
  }
  Talk& rst(bool client) { return push(client, "RA", {}), *this; }
  [[nodiscard]] const std::vector<ByteVector>& frames() const { return frames_; }

 private:
  Talk& say(bool client, const ByteVector& bytes) {
    push(client, "A", bytes);
    next_[client ? 0 : 1] += static_cast<std::uint32_t>(bytes.size());
    return *this;
  }
  void push(bool client, const std::string& flags, const ByteVector& bytes) {
    frames_.push_back(test::tcp_frame({.from_client = client,
                                       .sequence = next_[client ? 0 : 1],
                                       .acknowledged = flags == "S" ? 0 : next_[client ? 1 : 0],
                                       .flags = flags,
                                       .payload = bytes,
                                       .client_port = client_port_,
                                       .server_port = server_port_}));
  }

  std::uint16_t client_port_;
  std::uint16_t server_port_;
  std::uint32_t next_[2] = {100, 5000};
  std::vector<ByteVector> frames_;
};

struct Reading {
  std::vector<CapturedSession> sessions;
  PacketCounts packets;
};

Reading read(const std::vector<ByteVector>& frames) {
  Reading reading;
  CaptureSessions sessions(
      [&](CapturedSession session) { reading.sessions.push_back(std::move(session)); });
  std::int64_t time = 0;
  for (const ByteVector& frame : frames) {
    time += 1'000'000;
    sessions.add({.link_type = 1,
                  .bytes = Bytes(frame),
                  .original_length = frame.size(),
                  .time_ns = time,
                  .number = static_cast<std::uint64_t>(time / 1'000'000)});
  }
  sessions.finish();
  reading.packets = sessions.packets();
  return reading;
}

CapturedSession only(const Talk& talk) {
  Reading reading = read(talk.frames());
  EXPECT_EQ(reading.sessions.size(), 1U);
  if (reading.sessions.empty()) return {};
  return std::move(reading.sessions.front());
}

SessionReport report(const CapturedSession& session) {
  SessionReport report;
  report.source = "capture";
  report.mode = "observed";
  report.started = "2026-01-01T00:00:00.000Z";
  report.direct_leg = summarize_leg(session.transcript);
  complete_report(report);
  return report;
}

TEST(CaptureSessions, ReadAConnectionFromItsSynOn) {
  const CapturedSession seen =
      only(Talk().syn().client(client_hello()).server(server_hello()).fin(true).fin(false));
  const Transcript& leg = seen.transcript;
  EXPECT_EQ(leg.from, "10.0.0.1:1000");
  EXPECT_EQ(leg.to, "10.0.0.2:443");
  ASSERT_TRUE(leg.client_hello && leg.server_hello);
  EXPECT_EQ(leg.hello_segments,
            std::vector<std::uint32_t>{static_cast<std::uint32_t>(client_hello().size())});
  EXPECT_TRUE(leg.segments_exact);
  EXPECT_EQ(leg.connect_us, 1000);
  EXPECT_EQ(seen.bytes.c2s, client_hello().size());
  EXPECT_EQ(seen.duration_us, 5000);
  CaptureView view;
  view.first_packet = 1;
  view.packets = 6;
  EXPECT_EQ(leg.capture, view);
}

TEST(CaptureSessions, FindTlsBehindOtherProtocolsOnAnyPort) {
  struct Case {
    std::string name;
    std::vector<std::pair<bool, ByteVector>> before;  // true: the client's
  };
  const ByteVector ldap =
      joined({{0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16}, text_bytes("1.3.6.1.4.1.1466.20037")});
  const ByteVector mysql_greeting = joined({{0x0b, 0, 0, 0, 0x0a}, text_bytes("8.0.36"), {0}});
  const std::vector<Case> cases{
      {"SMTP",
       {{false, text_bytes("220 mail ESMTP\r\n")},
        {true, text_bytes("EHLO me\r\n")},
        {false, text_bytes("250 STARTTLS\r\n")},
        {true, text_bytes("STARTTLS\r\n")},
        {false, text_bytes("220 go\r\n")}}},
      {"FTP",
       {{false, text_bytes("220 ftp\r\n")},
        {true, text_bytes("AUTH TLS\r\n")},
        {false, text_bytes("234 go\r\n")}}},
      {"IMAP",
       {{false, text_bytes("* OK imap\r\n")},
        {true, text_bytes("a STARTTLS\r\n")},
        {false, text_bytes("a OK\r\n")}}},
      {"POP3",
       {{false, text_bytes("+OK pop\r\n")},
        {true, text_bytes("STLS\r\n")},
        {false, text_bytes("+OK\r\n")}}},
      {"LDAP", {{true, ldap}, {false, {0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0}}}},
      {"PostgreSQL", {{true, {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}}, {false, {'S'}}}},
      {"MySQL",
       {{false, mysql_greeting}, {true, joined({{32, 0, 0, 1, 0x85, 0xae}, ByteVector(30, 0)})}}},
      {"XMPP",
       {{true, text_bytes("<?xml version='1.0'?><stream:stream>")},
        {false, text_bytes("<proceed/>")}}},
      {"HTTP CONNECT",
       {{true, text_bytes("CONNECT a:443 HTTP/1.1\r\n\r\n")},
        {false, text_bytes("HTTP/1.1 200 OK\r\n\r\n")}}},
      {"SOCKS",
       {{true, {5, 1, 0}},
        {false, {5, 0}},
        {true, {5, 1, 0, 1, 1, 2, 3, 4, 1, 187}},
        {false, {5, 0, 0, 1, 0, 0, 0, 0, 0, 0}}}},
      {"PROXY header", {{true, text_bytes("PROXY TCP4 1.1.1.1 2.2.2.2 1 443\r\n")}}},
  };
  for (const Case& each : cases) {
    Talk talk(2000, 9999);
    talk.syn();
    std::uint64_t c2s = 0;
    std::uint64_t s2c = 0;
    for (const auto& [client, bytes] : each.before) {
      (client ? c2s : s2c) += bytes.size();
      client ? talk.client(bytes) : talk.server(bytes);
    }
    const CapturedSession seen = only(talk.client(client_hello()).server(server_hello()));
    EXPECT_EQ(seen.transcript.capture->before_tls, each.name);
    EXPECT_EQ(seen.before_tls.c2s, c2s) << each.name;
    EXPECT_EQ(seen.before_tls.s2c, s2c) << each.name;
    EXPECT_TRUE(seen.transcript.client_hello && seen.transcript.server_hello) << each.name;
  }
}

TEST(CaptureSessions, AHelloBehindAProxyHeaderInOneSegment) {
  const ByteVector header = text_bytes("PROXY TCP4 1.1.1.1 2.2.2.2 1 443\r\n");
  const CapturedSession seen =
      only(Talk().syn().client(joined({header, client_hello()})).server(server_hello()));
  EXPECT_EQ(seen.before_tls.c2s, header.size());
  EXPECT_TRUE(seen.transcript.client_hello);
}

TEST(CaptureSessions, AHelloByteByByteIsFoundWhereverItBegins) {
  for (const bool behind : {false, true}) {
    Talk talk;
    talk.syn();
    if (behind) talk.client(text_bytes("STLS\r\n")).server(text_bytes("+OK\r\n"));
    for (const std::uint8_t byte : client_hello()) talk.client({byte});
    const CapturedSession seen = only(talk.server(server_hello()));
    EXPECT_TRUE(seen.transcript.client_hello && seen.transcript.server_hello);
    EXPECT_EQ(seen.before_tls.c2s, behind ? 6U : 0U);
  }
}

TEST(CaptureSessions, WhoIsTheClient) {
  const auto ends = [](const Talk& talk) {
    const CapturedSession seen = only(talk);
    return seen.transcript.from + " " + seen.transcript.to;
  };
  const ByteVector data = test::record(23, 0x0303, ByteVector(40, 7));
  // Its hello tells more than the SYN and the ports.
  EXPECT_EQ(ends(Talk(443, 1000).client(client_hello())), "10.0.0.1:443 10.0.0.2:1000");
  EXPECT_EQ(ends(Talk(443, 1000).syn().server(client_hello())), "10.0.0.2:1000 10.0.0.1:443");
  EXPECT_EQ(ends(Talk(443, 1000).server(server_hello())), "10.0.0.1:443 10.0.0.2:1000");
  EXPECT_EQ(ends(Talk(443, 1000).syn().server(data)), "10.0.0.1:443 10.0.0.2:1000");
  EXPECT_EQ(ends(Talk(443, 1000).client(data)), "10.0.0.2:1000 10.0.0.1:443");
}

TEST(CaptureSessions, AGapEndsTheReadingOfItsDirectionAndBlamesNobody) {
  const ByteVector hello = server_hello();
  const CapturedSession seen = only(Talk()
                                        .syn()
                                        .client(client_hello())
                                        .server(hello)
                                        .lose(false, 1000)
                                        .server(ByteVector(50, 1))
                                        .client(test::record(22, 0x0303, ByteVector(60, 2)))
                                        .fin(true)
                                        .fin(false));
  const Transcript& leg = seen.transcript;
  EXPECT_EQ(leg.capture->s2c_lost, 1000U);
  EXPECT_EQ(leg.raw.s2c, hello);
  EXPECT_TRUE(std::any_of(leg.events.begin(), leg.events.end(), [](const Event& event) {
    return event.note == tcp_note::kGap && event.length == 1000 && event.sender == Party::backend;
  }));
  const SessionReport judged = report(seen);
  EXPECT_EQ(judged.direct_leg->outcome, "incomplete");
  EXPECT_EQ(judged.verdict.verdict_class, "unknown");
  EXPECT_TRUE(judged.findings.empty());
}

TEST(CaptureSessions, TheSameWithoutTheGapIsAFailure) {
  const SessionReport judged =
      report(only(Talk().syn().client(client_hello()).fin(false).fin(true)));
  EXPECT_EQ(judged.verdict.verdict_class, "fails-direct");
  ASSERT_FALSE(judged.findings.empty());
  EXPECT_EQ(judged.findings.front().id, "no-server-hello");
}

TEST(CaptureSessions, OneDirectionAloneBlamesNobody) {
  std::vector<ByteVector> frames;
  const Talk talk = Talk().syn().client(client_hello()).server(server_hello()).fin(true).fin(false);
  for (const std::size_t i : {0U, 2U, 4U}) frames.push_back(talk.frames()[i]);
  const Reading reading = read(frames);
  ASSERT_EQ(reading.sessions.size(), 1U);
  const SessionReport judged = report(reading.sessions.front());
  EXPECT_EQ(judged.verdict.verdict_class, "unknown");
  EXPECT_TRUE(judged.findings.empty());
  EXPECT_TRUE(judged.direct_leg->capture->start_missing);
}

TEST(CaptureSessions, APlainRequestThatATlsAlertAnswersIsTheClientsFault) {
  const SessionReport judged =
      report(only(Talk()
                      .syn()
                      .client(text_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
                      .server(test::record(21, 0x0301, {2, 70}))
                      .fin(false)
                      .fin(true)));
  ASSERT_FALSE(judged.findings.empty());
  EXPECT_EQ(judged.findings.front().id, "plaintext-on-tls-port");
}

TEST(CaptureSessions, AnotherConnectionOfTheSameEndpointsIsAnotherSession) {
  Talk first;
  first.syn().client(client_hello()).server(server_hello()).rst(false);
  std::vector<ByteVector> frames = first.frames();
  Talk second;
  second.lose(true, 100'000).syn().client(client_hello()).server(server_hello());
  frames.insert(frames.end(), second.frames().begin(), second.frames().end());
  const Reading reading = read(frames);
  ASSERT_EQ(reading.sessions.size(), 2U);
  EXPECT_EQ(reading.sessions[0].connection, 0U);
  EXPECT_FALSE(reading.sessions[0].transcript.capture->end_missing);
  EXPECT_EQ(reading.sessions[1].connection, 1U);
  EXPECT_TRUE(reading.sessions[1].transcript.capture->end_missing);
}

TEST(CaptureSessions, ComeInTheOrderOfTheirFirstPackets) {
  Talk slow(1001);
  slow.syn().client(client_hello());
  Talk quick(1002);
  quick.syn().client(client_hello()).server(server_hello()).rst(true);
  std::vector<ByteVector> frames = slow.frames();
  frames.insert(frames.end(), quick.frames().begin(), quick.frames().end());
  slow.server(server_hello());
  frames.push_back(slow.frames().back());
  const Reading reading = read(frames);
  ASSERT_EQ(reading.sessions.size(), 2U);
  EXPECT_EQ(reading.sessions[0].transcript.from, "10.0.0.1:1001");
}

TEST(CaptureSessions, EveryPacketIsCountedOnce) {
  Talk plain(1003, 80);
  plain.syn()
      .client(text_bytes("GET / HTTP/1.1\r\n\r\n"))
      .server(text_bytes("HTTP/1.1 200 OK\r\n\r\n"));
  std::vector<ByteVector> frames = plain.frames();
  const auto udp = [&frames](const ByteVector& payload, std::uint16_t from) {
    frames.push_back(test::ethernet_frame(
        0x0800, test::ipv4_packet(test::kUdpNumber, test::udp_packet(from, 443, payload))));
  };
  udp(joined({{22, 0xfe, 0xfd}, ByteVector(8, 0), {0, 4}, ByteVector(4, 1)}), 1);
  udp(joined({{0xc3, 0, 0, 0, 1, 4, 1, 2, 3, 4, 0}, ByteVector(20, 0)}), 2);
  udp(joined({{0xd3, 0x6b, 0x33, 0x43, 0xcf, 4, 1, 2, 3, 4, 0}, ByteVector(20, 0)}), 3);
  udp(joined({{0xc3, 0xff, 0, 0, 29, 4, 1, 2, 3, 4, 0}, ByteVector(20, 0)}), 4);
  udp({0x41, 1, 2, 3, 4}, 4);  // a short header, of a connection that is known
  udp({0x41, 1, 2, 3, 4}, 5);  // and of none
  frames.push_back(ByteVector(20, 0xff));
  const Talk tls = Talk().syn().client(client_hello()).server(server_hello());
  frames.insert(frames.end(), tls.frames().begin(), tls.frames().end());
  const Reading reading = read(frames);
  EXPECT_EQ(reading.packets.total, frames.size());
  EXPECT_EQ(reading.packets.dtls, 1U);
  EXPECT_EQ(reading.packets.quic, 4U);
  EXPECT_EQ(reading.packets.other, plain.frames().size() + 2);
  ASSERT_EQ(reading.sessions.size(), 1U);
  EXPECT_EQ(reading.sessions.front().transcript.capture->packets, tls.frames().size());
}

/// Counts what a table gives it.
class Counter : public TcpObserver {
 public:
  struct Nothing : TcpStreamSink {
    void data(bool, const TcpSegment&, Bytes) override {}
    void gap(bool, const TcpSegment&, std::uint64_t) override {}
    void ended(bool, const TcpSegment&, StreamEnd) override {}
  };
  std::unique_ptr<TcpStreamSink> opened(std::uint64_t, const TcpSegment&) override {
    most = std::max(most, ++open);
    return std::make_unique<Nothing>();
  }
  bool wants_more(std::uint64_t, TcpStreamSink&) override { return true; }
  bool closed(std::uint64_t number, std::unique_ptr<TcpStreamSink>) override {
    --open;
    order.push_back(number);
    return true;
  }
  void passed(std::uint64_t) override { ++passed_count; }
  int open = 0;
  int most = 0;
  int passed_count = 0;
  std::vector<std::uint64_t> order;
};

TEST(TcpTable, OfTooManyConnectionsTheOneUnheardOfForLongestIsClosed) {
  Counter counter;
  TcpTable table(counter, 4, 8);
  const auto packet = [&table](std::uint16_t port) {
    TcpSegment segment;
    segment.from.port = port;
    segment.to.port = 443;
    table.add(segment);
  };
  for (const int port : {1, 2, 3, 4, 1, 5, 6}) packet(static_cast<std::uint16_t>(port));
  EXPECT_EQ(counter.most, 4);
  EXPECT_EQ(counter.order, (std::vector<std::uint64_t>{1, 2}));
  packet(2);
  EXPECT_EQ(counter.passed_count, 1);
  table.finish();
  EXPECT_EQ(counter.open, 0);
}

}  // namespace
}  // namespace visavis::inspect
