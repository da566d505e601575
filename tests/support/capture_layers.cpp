#include "tests/support/capture_layers.h"

#include <pcap/dlt.h>
#include <tins/ip.h>
#include <tins/ip_reassembler.h>
#include <tins/ipv6.h>
#include <tins/rawpdu.h>
#include <tins/tcp.h>
#include <tins/udp.h>

#include <span>

namespace visavis::test {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint16_t kEtherBridged = 0x6558;  // an Ethernet frame in a tunnel

std::uint16_t number16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

Bytes behind(Bytes bytes, std::size_t count) {
  return bytes.size() > count ? bytes.subspan(count) : Bytes{};
}

/// What follows an EtherType: tags are passed over, and Cisco's metadata (0x8909, its length in
/// words of four bytes).
Bytes behind_ether_type(Bytes bytes, std::size_t at);

Bytes network_layer(std::uint16_t ether_type, Bytes rest) {
  if (ether_type == kEtherIpv4 || ether_type == kEtherIpv6) return rest;
  if (ether_type == kEtherBridged) return behind_ether_type(rest, 12);
  if (ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100)
    return behind_ether_type(rest, 2);
  if (ether_type == 0x8909 && rest.size() > 2)
    return behind_ether_type(rest, 2 + std::size_t{rest[1]} * 4);
  return {};
}

Bytes behind_ether_type(Bytes bytes, std::size_t at) {
  if (bytes.size() < at + 2) return {};
  return network_layer(number16(bytes, at), bytes.subspan(at + 2));
}

/// The IP packet in a link layer's frame, or nothing.
Bytes ip_packet(int link_type, Bytes frame) {
  switch (link_type) {
    case DLT_EN10MB:
      return behind_ether_type(frame, 12);
    case DLT_LINUX_SLL:
      return behind_ether_type(frame, 14);
    case DLT_LINUX_SLL2:
      return frame.size() < 20 ? Bytes{} : network_layer(number16(frame, 0), frame.subspan(20));
    case DLT_NULL:
    case DLT_LOOP:
      return behind(frame, 4);  // the family's number is the capturing system's: IP tells itself
    case DLT_RAW:
    case 101:  // LINKTYPE_RAW: what a pcapng file calls it
    case 228:  // LINKTYPE_IPV4
    case 229:  // LINKTYPE_IPV6
      return frame;
    default:
      return {};
  }
}

/// CAPWAP's data channel (RFC 5415 4.3) with 802.11 frames inside: LLC/SNAP ends with an EtherType.
Bytes in_capwap(Bytes payload) {
  if (payload.size() < 8 || payload[0] != 0) return {};
  const Bytes frame = behind(payload, std::size_t{payload[1]} >> 3 << 2);
  if (frame.size() < 34) return {};
  for (const std::size_t header : {std::size_t{24}, std::size_t{26}, std::size_t{30}})
    if (frame.size() > header + 8 && frame[header] == 0xaa && frame[header + 1] == 0xaa)
      return behind_ether_type(frame, header + 6);
  return {};
}

/// The IP packet inside of a tunnel over UDP.
Bytes in_tunnel(std::uint16_t port, Bytes payload) {
  if (port == 4789 && payload.size() > 8) return behind_ether_type(payload.subspan(8), 12);
  if (port == 6081 && payload.size() > 8)  // Geneve, RFC 8926 3.4
    return network_layer(number16(payload, 2), behind(payload, 8 + (payload[0] & 0x3fU) * 4));
  if (port == 2152 && payload.size() > 8 && payload[1] == 0xff)  // GTP-U, 3GPP TS 29.281 5.1
    return behind(payload, (payload[0] & 7) != 0 ? 12 : 8);
  if (port == 5247) return in_capwap(payload);
  return {};
}

std::string endpoint(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

std::vector<std::uint8_t> payload_of(const Tins::PDU& pdu) {
  const auto* raw = pdu.find_pdu<Tins::RawPDU>();
  return raw != nullptr ? raw->payload() : std::vector<std::uint8_t>{};
}

}  // namespace

struct PacketOpener::State {
  Tins::IPv4Reassembler fragments;

  std::optional<TcpSegment> open(Bytes packet, int depth) {
    if (packet.empty() || depth > 4) return std::nullopt;
    try {
      const auto size = static_cast<std::uint32_t>(packet.size());
      if (packet[0] >> 4 == 6) {
        if (packet.size() < 40) return std::nullopt;
        // Tins takes an IPv6 packet that the snap length has cut for a malformed one.
        std::vector<std::uint8_t> whole(packet.begin(), packet.end());
        if (std::size_t{number16(packet, 4)} + 40 > packet.size()) {
          whole[4] = static_cast<std::uint8_t>((packet.size() - 40) >> 8);
          whole[5] = static_cast<std::uint8_t>(packet.size() - 40);
        }
        const Tins::IPv6 ip(whole.data(), size);
        return transport(ip, ip.src_addr().to_string(), ip.dst_addr().to_string(), depth);
      }
      if (packet[0] >> 4 != 4) return std::nullopt;
      Tins::IP ip(packet.data(), size);
      if (fragments.process(ip) == Tins::IPv4Reassembler::FRAGMENTED) return std::nullopt;
      return transport(ip, ip.src_addr().to_string(), ip.dst_addr().to_string(), depth);
    } catch (const Tins::exception_base&) {  // malformed, or cut by the snap length
      return std::nullopt;
    }
  }

  std::optional<TcpSegment> transport(const Tins::PDU& ip, const std::string& from,
                                      const std::string& to, int depth) {
    if (const auto* udp = ip.find_pdu<Tins::UDP>())
      return open(in_tunnel(udp->dport(), payload_of(*udp)), depth + 1);
    const auto* tcp = ip.find_pdu<Tins::TCP>();
    if (tcp == nullptr) return std::nullopt;
    const bool reset = tcp->get_flag(Tins::TCP::RST) != 0;  // what it carries is no data
    const bool syn = tcp->get_flag(Tins::TCP::SYN) != 0;
    return TcpSegment{endpoint(from, tcp->sport()),
                      endpoint(to, tcp->dport()),
                      tcp->seq() + (syn ? 1U : 0U),
                      syn,
                      tcp->get_flag(Tins::TCP::ACK) != 0,
                      false,
                      reset ? std::vector<std::uint8_t>{} : payload_of(*tcp)};
  }
};

PacketOpener::PacketOpener() : state_(std::make_unique<State>()) {}
PacketOpener::~PacketOpener() = default;

std::optional<TcpSegment> PacketOpener::segment(const CapturedPacket& packet) {
  auto segment = state_->open(ip_packet(packet.link_type, packet.bytes), 0);
  if (segment) segment->cut = packet.original_length > packet.bytes.size();
  return segment;
}

}  // namespace visavis::test
