#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "inspect/capture/capture_reader.h"
#include "inspect/capture/fragment_store.h"
#include "inspect/capture/network_address.h"

namespace visavis::inspect {

/// TcpSegment is a TCP packet; its payload lies in the packet that it was found in.
struct TcpSegment {
  NetworkEndpoint from;
  NetworkEndpoint to;
  std::uint32_t sequence = 0;  ///< of the first byte of the payload, or of the SYN
  std::uint32_t acknowledged = 0;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  Bytes payload;
  /// Before it: all of TCP's header, and the fixed part of IP's (20 or 40 bytes).
  Bytes tcp_header{};
  Bytes ip_header{};
  std::size_t missing = 0;  ///< bytes at the payload's end that the snap length cut off
  std::int64_t time_ns = 0;
  std::uint64_t packet = 0;  ///< its number in the file
  /// Where it was found, as long as that is the packet read last; null: it is not any more.
  const CapturedPacket* in = nullptr;
};

/// Datagram is a UDP packet that is no tunnel's.
struct Datagram {
  NetworkEndpoint from;
  NetworkEndpoint to;
  Bytes payload;
};

/// OpenedPacket is what was found in a packet; neither: no TCP and no UDP, a fragment, or damaged.
struct OpenedPacket {
  std::optional<TcpSegment> tcp;
  std::optional<Datagram> udp;
  bool unread_link = false;  ///< nothing was looked for: the link layer is none of ours
};

/// PacketOpener takes packets apart: Ethernet with VLAN tags (802.1Q, QinQ) and MPLS, Linux "any"
/// in both versions, loopback, raw IP; IPv4 and IPv6 with options and extension headers, whose
/// fragments are put together; the tunnels VXLAN, Geneve, GTP-U, CAPWAP, GRE and IP in IP.
class PacketOpener {
 public:
  /// open returns views into `packet`, or into a buffer of the opener's that lives until the next
  /// call.
  OpenedPacket open(const CapturedPacket& packet);

 private:
  struct Place;

  void ether_type(std::uint16_t type, Bytes rest, Place place);
  void ethernet(Bytes frame, Place place);
  void ip(Bytes packet, Place place);
  void ipv4(Bytes packet, Place place);
  void ipv6(Bytes packet, Place place);
  void fragment(const FragmentKey& key, std::size_t offset, bool more, Bytes payload,
                const Place& place);
  void transport(std::uint8_t protocol, Bytes bytes, Place place);
  void tcp(Bytes bytes, const Place& place);
  void udp(Bytes bytes, Place place);
  void capwap(Bytes payload, Place place);

  FragmentStore fragments_;
  std::vector<std::vector<std::uint8_t>> whole_;  // what was put together of fragments
  OpenedPacket opened_;
};

}  // namespace visavis::inspect
