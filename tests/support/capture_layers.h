#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/capture_file.h"

namespace visavis::test {

/// TcpSegment is a TCP packet, found under any link layer and tunnel of the captures.
struct TcpSegment {
  std::string from;  ///< "ip:port", "[v6]:port"
  std::string to;
  std::uint32_t sequence = 0;  ///< of the first byte of the payload
  bool syn = false;
  bool ack = false;
  bool cut = false;  ///< the snap length cut the packet: bytes of the payload are missing
  std::vector<std::uint8_t> payload;
};

/// PacketOpener takes packets apart down to TCP: Ethernet with VLAN tags, Linux "any" (both
/// versions), loopback, raw IP; IPv4 fragments are put together; VXLAN, Geneve, GTP and CAPWAP are
/// opened.
class PacketOpener {
 public:
  PacketOpener();
  ~PacketOpener();

  /// segment returns what a packet holds, or nothing when that is no TCP or only a part of it.
  std::optional<TcpSegment> segment(const CapturedPacket& packet);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visavis::test
