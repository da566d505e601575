#include "inspect/capture/capture_sessions.h"

#include <utility>

namespace visavis::inspect {
namespace {

/// Closed connections with TLS that are remembered, so that what straggles in is not counted as
/// something else.
constexpr std::size_t kMaxRemembered = limits::kMaxTrackedConnections;

}  // namespace

void CaptureSessions::add(const CapturedPacket& packet) {
  ++packets_.total;
  const OpenedPacket opened = opener_.open(packet);
  if (opened.tcp) return table_.add(*opened.tcp);
  const UdpProtocol protocol = opened.udp ? udp_.recognise(*opened.udp) : UdpProtocol::other;
  ++(protocol == UdpProtocol::dtls   ? packets_.dtls
     : protocol == UdpProtocol::quic ? packets_.quic
                                     : packets_.other);
}

void CaptureSessions::finish() {
  table_.finish();
  release(0);
}

std::unique_ptr<TcpStreamSink> CaptureSessions::opened(std::uint64_t number,
                                                       const TcpSegment& first) {
  open_.insert(number);
  return std::make_unique<CapturedConnection>(number, first, &decryption_);
}

bool CaptureSessions::wants_more(std::uint64_t /*number*/, TcpStreamSink& sink) {
  return !static_cast<CapturedConnection&>(sink).is_not_tls();
}

void CaptureSessions::closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> sink) {
  auto& connection = static_cast<CapturedConnection&>(*sink);
  open_.erase(number);
  if (connection.found_tls()) {
    if (with_tls_.size() >= kMaxRemembered) with_tls_.erase(with_tls_.begin());
    with_tls_.insert(number);
    waiting_.emplace(number, connection.take());
  } else {
    packets_.other += connection.packets();
  }
  release(limits::kMaxWaitingSessions);
}

void CaptureSessions::passed(std::uint64_t number) {
  if (with_tls_.count(number) == 0) ++packets_.other;
}

void CaptureSessions::release(std::size_t may_wait) {
  while (!waiting_.empty() && (waiting_.size() > may_wait || open_.empty() ||
                               waiting_.begin()->first < *open_.begin())) {
    auto first = waiting_.extract(waiting_.begin());
    take_(std::move(first.mapped()));
  }
}

}  // namespace visavis::inspect
