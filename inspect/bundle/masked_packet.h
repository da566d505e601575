#pragma once
#include <cstdint>
#include <vector>

#include "inspect/bundle/mask.h"
#include "inspect/capture/packet_opener.h"

namespace visavis::inspect {

/// MaskedPacket is a TCP segment as a raw IP packet of its own: link layer, tunnels, fragments and
/// IP options are gone; the rest of both headers stays, the time to live above all, which tells
/// where a reset came from.
struct MaskedPacket {
  std::vector<std::uint8_t> headers;
  std::vector<std::uint8_t> payload;
  std::size_t original_length = 0;  ///< longer where the capture has cut it
};

/// masked_packet returns the segment with another payload of the same length and the addresses'
/// masks, its lengths and checksums right. Where the payload is cut its checksum is changed by what
/// was masked (RFC 1624), so that it is as right as it was.
[[nodiscard]] MaskedPacket masked_packet(const TcpSegment& segment,
                                         std::vector<std::uint8_t> payload,
                                         const AddressMask& addresses);

}  // namespace visavis::inspect
