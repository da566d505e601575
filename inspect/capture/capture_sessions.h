#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>

#include "inspect/capture/capture_reader.h"
#include "inspect/capture/captured_connection.h"
#include "inspect/capture/expected_tls.h"
#include "inspect/capture/session_pairing.h"
#include "inspect/capture/tcp_table.h"
#include "inspect/capture/udp_protocol.h"

namespace visavis::inspect {

/// PacketCounts says where the packets of a capture went.
struct PacketCounts {
  std::uint64_t total = 0;
  std::uint64_t dtls = 0;         ///< recognised, and not read
  std::uint64_t quic = 0;         ///< the same
  std::uint64_t other = 0;        ///< neither of these nor of a TCP connection with TLS
  std::uint64_t unread_link = 0;  ///< of the other: nobody looked into them
  int link_type = 0;              ///< of the first of those: LINKTYPE_...
  bool other_link_types = false;  ///< there are more than that one

  void count_unread_link(std::uint64_t packets, int type) {
    if (unread_link == 0) link_type = type;
    other_link_types = other_link_types || (packets > 0 && type != link_type);
    unread_link += packets;
  }
};

/// CaptureSessions makes the sessions of a capture, in one pass: memory grows with the connections
/// that are open at the same time, not with the file.
class CaptureSessions : private TcpObserver {
 public:
  using Take = SessionPairing::Take;

  /// `take` gets every session when it is over, in the order of their first packets; only where
  /// more than limits::kMaxWaitingSessions wait for one that stays open, they come before it. The
  /// legs in a capture of the proxy's own come as one session. A connection that was refused, or
  /// not answered, is a session where TLS was to be expected (ExpectedTls).
  explicit CaptureSessions(Take take, CaptureDecryption decryption = {})
      : pairing_(std::move(take)), decryption_(std::move(decryption)) {}

  void add(const CapturedPacket& packet);
  /// ended_at says until when there would have been packets: nanoseconds since 1970.
  void ended_at(std::int64_t time_ns) { last_ns_ = std::max(last_ns_, time_ns); }
  /// finish gives what is still open: there will be no more packets.
  void finish();

  [[nodiscard]] const PacketCounts& packets() const { return packets_; }

 private:
  std::unique_ptr<TcpStreamSink> opened(std::uint64_t number, const TcpSegment& first) override;
  bool wants_more(std::uint64_t number, TcpStreamSink& sink) override;
  bool closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> sink) override;
  void passed(std::uint64_t number) override;
  void note_silence(CapturedSession& session) const;

  SessionPairing pairing_;
  CaptureDecryption decryption_;
  PacketOpener opener_;
  UdpProtocols udp_;
  ExpectedTls expected_;
  TcpTable table_{*this};
  PacketCounts packets_;
  std::int64_t last_ns_ = 0;  // the latest packet's time
  bool commented_ = false;    // the packet that is being added
};

}  // namespace visavis::inspect
