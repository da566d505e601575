#pragma once
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "inspect/capture/capture_sessions.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/report/complete_report.h"
#include "proxy/session_facts.h"
#include "tests/inspect/tls_pair.h"
#include "tests/support/packet_builder.h"

/// Captures of one connection from both its ends, packet by packet, and what is read out of them.
namespace visavis::inspect {

/// EndCapture is what the capture at one end has seen.
struct EndCapture {
  struct Packet {
    std::int64_t at_us = 0;
    test::ByteVector frame;
    std::size_t original = 0;  ///< its bytes, where the capture clipped it
  };
  std::vector<Packet> packets;
  std::uint32_t next[2] = {100, 5000};  ///< sequence numbers of client and server
  std::uint16_t client_port = 1000;
  std::int64_t clock_us = 0;   ///< how far its clock is ahead
  std::size_t segment = 1460;  ///< its network's largest

  void packet(std::int64_t at_us, bool client, const std::string& flags,
              const test::ByteVector& bytes = {}) {
    packets.push_back({at_us + clock_us,
                       test::tcp_frame({.from_client = client,
                                        .sequence = next[client ? 0 : 1],
                                        .acknowledged = next[client ? 1 : 0],
                                        .flags = flags,
                                        .payload = bytes,
                                        .client_port = client_port}),
                       0});
  }
  void data(std::int64_t at_us, bool client, const test::ByteVector& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += segment) {
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      const test::ByteVector part(
          from, from + static_cast<std::ptrdiff_t>(std::min(segment, bytes.size() - at)));
      packet(at_us, client, "A", part);
      next[client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
  }
  void end(std::int64_t at_us, bool client, const std::string& flags) {
    packet(at_us, client, flags);
    if (flags.find('R') == std::string::npos) ++next[client ? 0 : 1];
  }
};

/// BothEnds writes both captures: what is sent arrives a millisecond later, unless it does not.
struct BothEnds {
  EndCapture client;
  EndCapture server;
  std::int64_t now_us = 1'767'225'600'000'000;  // 2026-01-01
  std::int64_t way_us = 1000;

  BothEnds() { server.client_port = 2000; }
  EndCapture& sender(bool from_client) { return from_client ? client : server; }
  EndCapture& receiver(bool from_client) { return from_client ? server : client; }

  BothEnds& syn() {
    for (const bool from_client : {true, false}) {
      const std::string flags = from_client ? "S" : "SA";
      sender(from_client).end(now_us, from_client, flags);
      receiver(from_client).end(now_us + way_us, from_client, flags);
      now_us += way_us;
    }
    return *this;
  }
  BothEnds& say(bool from_client, const test::ByteVector& bytes) {
    return say(from_client, bytes, bytes);
  }
  /// What arrives may be something else, or nothing.
  BothEnds& say(bool from_client, const test::ByteVector& sent, const test::ByteVector& got) {
    sender(from_client).data(now_us, from_client, sent);
    receiver(from_client).data(now_us + way_us, from_client, got);
    now_us += 2 * way_us;
    return *this;
  }
  BothEnds& end(bool from_client, const std::string& flags = "FA") {
    sender(from_client).end(now_us, from_client, flags);
    receiver(from_client).end(now_us + way_us, from_client, flags);
    now_us += 2 * way_us;
    return *this;
  }
  /// Something on the way ends it in one side's name.
  BothEnds& made_up_end(bool from_client, const std::string& flags = "RA") {
    receiver(from_client).end(now_us, from_client, flags);
    return *this;
  }
  BothEnds& wait_ms(std::int64_t milliseconds) {
    now_us += milliseconds * 1000;
    return *this;
  }
  BothEnds& say(const test::WireDialogue& dialogue) {
    for (const test::WireStep& step : dialogue) say(step.direction == Direction::c2s, step.bytes);
    return *this;
  }
  /// Another connection's packet shows that both captures go on.
  BothEnds& go_on() {
    for (EndCapture* each : {&client, &server}) {
      EndCapture other;
      other.client_port = 9;
      other.packet(now_us + each->clock_us, true, "S");
      each->packets.push_back(other.packets.front());
    }
    return *this;
  }
};

/// sessions_in reads a capture's packets as `visavis compare` does.
inline std::vector<SessionReport> sessions_in(const std::vector<EndCapture::Packet>& packets) {
  std::vector<SessionReport> reports;
  CaptureSessions sessions(
      [&reports](CapturedSession session) {
        SessionReport report;
        report.id = "tcp-" + std::to_string(session.connection);
        report.source = "capture";
        report.mode = "observed";
        report.started = proxy::rfc3339(
            std::chrono::system_clock::time_point(std::chrono::nanoseconds(session.started_ns)));
        report.duration_ms = static_cast<double>(session.duration_us) / 1e3;
        report.client = session.transcript.from;
        report.backend = session.transcript.to;
        report.client_to_backend_bytes = session.bytes.c2s;
        report.backend_to_client_bytes = session.bytes.s2c;
        report.direct_leg = summarize_leg(session.transcript);
        if (const auto& hello = report.direct_leg->client_hello) report.sni = hello->sni;
        complete_report(report);
        reports.push_back(std::move(report));
      },
      {nullptr, {}, true});
  std::uint64_t number = 0;
  for (const EndCapture::Packet& packet : packets)
    sessions.add({.link_type = 1,
                  .bytes = Bytes(packet.frame),
                  .original_length = std::max(packet.original, packet.frame.size()),
                  .time_ns = packet.at_us * 1000,
                  .number = ++number});
  sessions.finish();
  return reports;
}

/// spoken is a whole connection of OpenSSL's with itself: handshake, a request and an answer of so
/// many bytes, close_notify.
inline test::WireDialogue spoken(int version, std::size_t answer_bytes = 6000) {
  test::TlsPairOptions options;
  options.version = version;
  test::TlsParties parties(options);
  test::TlsPair pair(parties);
  EXPECT_TRUE(pair.handshake());
  pair.send(true, "GET / HTTP/1.1\r\n\r\n");
  pair.send(false, std::string(answer_bytes, 'x'));
  pair.close();
  return pair.dialogue;
}

}  // namespace visavis::inspect
