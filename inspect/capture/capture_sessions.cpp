#include "inspect/capture/capture_sessions.h"

#include <algorithm>
#include <utility>

namespace visavis::inspect {
void CaptureSessions::add(const CapturedPacket& packet) {
  ++packets_.total;
  last_ns_ = std::max(last_ns_, packet.time_ns);
  commented_ = !packet.comment.empty();
  const OpenedPacket opened = opener_.open(packet);
  if (opened.tcp) {
    table_.add(*opened.tcp);
    if (commented_) pairing_.comment(packet);  // its connection may be known by it alone
    return;
  }
  if (opened.unread_link) packets_.count_unread_link(1, packet.link_type);
  const UdpProtocol protocol = opened.udp ? udp_.recognise(*opened.udp) : UdpProtocol::other;
  ++(protocol == UdpProtocol::dtls   ? packets_.dtls
     : protocol == UdpProtocol::quic ? packets_.quic
                                     : packets_.other);
}

void CaptureSessions::finish() {
  table_.finish();
  pairing_.finish();
}

std::unique_ptr<TcpStreamSink> CaptureSessions::opened(std::uint64_t number,
                                                       const TcpSegment& first) {
  auto connection = std::make_unique<CapturedConnection>(number, first, &decryption_);
  pairing_.opened(number, connection->label());
  return connection;
}

bool CaptureSessions::wants_more(std::uint64_t number, TcpStreamSink& sink) {
  const auto& connection = static_cast<CapturedConnection&>(sink);
  if (commented_ && connection.label()) pairing_.labelled(number, *connection.label());
  return !connection.is_not_tls();
}

/// Of a connection with TLS, nothing that straggles in is counted as something else.
bool CaptureSessions::closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> sink) {
  auto& connection = static_cast<CapturedConnection&>(*sink);
  const bool not_reached = !connection.not_reached().empty() && expected_.at(connection.server());
  if (connection.found_tls()) expected_.spoken(connection.server());
  if (connection.found_tls() || connection.label() || not_reached) {
    CapturedSession session = not_reached ? connection.take_not_reached() : connection.take();
    note_silence(session);
    pairing_.closed(number, std::move(session));
    return false;
  }
  packets_.other += connection.packets();
  pairing_.dropped(number);
  return true;
}

/// A connection of which no end was seen: for how long it is known to have said nothing more.
void CaptureSessions::note_silence(CapturedSession& session) const {
  auto& view = session.transcript.capture;
  if (!decryption_.mark_streams || !view || !view->end_missing) return;
  const std::int64_t until = (last_ns_ - session.started_ns) / 1000;
  view->silent_us = std::max<std::int64_t>(until - session.duration_us, 0);
}

void CaptureSessions::passed(std::uint64_t /*number*/) { ++packets_.other; }

}  // namespace visavis::inspect
