#pragma once
#include <cstdint>
#include <unordered_set>

#include "inspect/capture/packet_opener.h"

namespace visavis::inspect {

/// UdpProtocol is what TLS over UDP a datagram carries: recognised, and not read.
enum class UdpProtocol : std::uint8_t { dtls, quic, other };

/// UdpProtocols recognises DTLS (1.0, 1.2, 1.3; RFC 9147 4) and QUIC (versions 1 and 2, the drafts,
/// Google's; RFC 8999, RFC 9000 17). QUIC's short header says nothing of itself: a datagram is
/// QUIC, too, where one with a long header was seen between the same endpoints.
class UdpProtocols {
 public:
  /// Pairs of endpoints that are remembered; when there are more, all are forgotten.
  static constexpr std::size_t kMaxFlows = 65'536;

  UdpProtocol recognise(const Datagram& datagram);

 private:
  std::unordered_set<std::size_t> quic_;  // hashes of pairs of endpoints
};

}  // namespace visavis::inspect
