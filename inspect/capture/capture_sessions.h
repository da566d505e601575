#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "inspect/capture/capture_reader.h"
#include "inspect/capture/captured_connection.h"
#include "inspect/capture/tcp_table.h"
#include "inspect/capture/udp_protocol.h"

namespace visavis::inspect {

/// PacketCounts says where the packets of a capture went.
struct PacketCounts {
  std::uint64_t total = 0;
  std::uint64_t dtls = 0;   ///< recognised, and not read
  std::uint64_t quic = 0;   ///< the same
  std::uint64_t other = 0;  ///< neither of these nor of a TCP connection with TLS
};

/// CaptureSessions makes the sessions of a capture, in one pass: memory grows with the connections
/// that are open at the same time, not with the file.
class CaptureSessions : private TcpObserver {
 public:
  using Take = std::function<void(CapturedSession)>;

  /// `take` gets every session when it is over, in the order of their first packets; only where
  /// more than limits::kMaxWaitingSessions wait for one that stays open, they come before it.
  explicit CaptureSessions(Take take, CaptureDecryption decryption = {})
      : take_(std::move(take)), decryption_(std::move(decryption)) {}

  void add(const CapturedPacket& packet);
  /// finish gives what is still open: there will be no more packets.
  void finish();

  [[nodiscard]] const PacketCounts& packets() const { return packets_; }

 private:
  std::unique_ptr<TcpStreamSink> opened(std::uint64_t number, const TcpSegment& first) override;
  bool wants_more(std::uint64_t number, TcpStreamSink& sink) override;
  void closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> sink) override;
  void passed(std::uint64_t number) override;

  void release(std::size_t may_wait);

  Take take_;
  CaptureDecryption decryption_;
  PacketOpener opener_;
  UdpProtocols udp_;
  TcpTable table_{*this};
  PacketCounts packets_;
  std::set<std::uint64_t> open_;                      // connections that may become sessions
  std::map<std::uint64_t, CapturedSession> waiting_;  // by number
  std::set<std::uint64_t> with_tls_;                  // of those whose last packets may still come
};

}  // namespace visavis::inspect
