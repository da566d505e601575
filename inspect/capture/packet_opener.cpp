#include "inspect/capture/packet_opener.h"

#include <algorithm>

#include "inspect/capture/file_number.h"

namespace visavis::inspect {
namespace {

// https://www.tcpdump.org/linktypes.html; DLT_RAW's number differs from system to system.
constexpr int kLinkNull = 0;
constexpr int kLinkEthernet = 1;
constexpr int kLinkRawOther[] = {12, 14};
constexpr int kLinkRaw = 101;
constexpr int kLinkLoop = 108;
constexpr int kLinkLinuxSll = 113;
constexpr int kLinkIpv4 = 228;
constexpr int kLinkIpv6 = 229;
constexpr int kLinkLinuxSll2 = 276;

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint16_t kEtherBridged = 0x6558;  // an Ethernet frame in a tunnel
constexpr std::uint16_t kEtherMpls = 0x8847;
constexpr std::uint16_t kEtherMetadata = 0x8909;  // Cisco's, its length in words of four bytes
constexpr std::uint16_t kEtherTags[] = {0x8100, 0x88a8, 0x9100};

constexpr std::uint8_t kIpInIp = 4;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIpv6InIp = 41;
constexpr std::uint8_t kFragmentHeader = 44;
constexpr std::uint8_t kGre = 47;
constexpr std::uint8_t kAuthenticationHeader = 51;

constexpr int kMaxTunnels = 4;
constexpr std::size_t kMaxExtensionHeaders = 16;

template <class Value, std::size_t N>
bool is_one_of(Value value, const Value (&values)[N]) {
  return std::find(std::begin(values), std::end(values), value) != std::end(values);
}

std::uint16_t u16(Bytes bytes, std::size_t at) { return number16(bytes, at, true); }
std::uint32_t u32(Bytes bytes, std::size_t at) { return number32(bytes, at, true); }
Bytes behind(Bytes bytes, std::size_t count) {
  return bytes.size() > count ? bytes.subspan(count) : Bytes{};
}

}  // namespace

/// Place is where in a packet the opener is, and what it knows from further outside.
struct PacketOpener::Place {
  const CapturedPacket* packet = nullptr;
  int tunnels = 0;
  NetworkEndpoint from{};
  NetworkEndpoint to{};
  Bytes ip_header{};    // the fixed part
  std::size_t cut = 0;  // bytes behind that the snap length cut off, as IP counts them
};

OpenedPacket PacketOpener::open(const CapturedPacket& packet) {
  opened_ = {};
  whole_.clear();
  const Place place{&packet};
  const Bytes frame = packet.bytes;
  if (packet.link_type == kLinkEthernet) {
    ethernet(frame, place);
  } else if (packet.link_type == kLinkLinuxSll) {
    if (frame.size() >= 16) ether_type(u16(frame, 14), frame.subspan(16), place);
  } else if (packet.link_type == kLinkLinuxSll2) {
    if (frame.size() >= 20) ether_type(u16(frame, 0), frame.subspan(20), place);
  } else if (packet.link_type == kLinkNull || packet.link_type == kLinkLoop) {
    ip(behind(frame, 4), place);  // the family's number is the capturing system's: IP tells itself
  } else if (packet.link_type == kLinkRaw || packet.link_type == kLinkIpv4 ||
             packet.link_type == kLinkIpv6 || is_one_of(packet.link_type, kLinkRawOther)) {
    ip(frame, place);
  } else {
    opened_.unread_link = true;
  }
  return opened_;
}

void PacketOpener::ethernet(Bytes frame, Place place) {
  if (frame.size() >= 14) ether_type(u16(frame, 12), frame.subspan(14), place);
}

void PacketOpener::ether_type(std::uint16_t type, Bytes rest, Place place) {
  for (;;) {
    if (type == kEtherIpv4 || type == kEtherIpv6) return ip(rest, place);
    if (type == kEtherBridged && ++place.tunnels <= kMaxTunnels) return ethernet(rest, place);
    std::size_t tag = 0;  // bytes up to the next EtherType
    if (is_one_of(type, kEtherTags)) tag = 2;
    if (type == kEtherMetadata && rest.size() > 2) tag = 2 + std::size_t{rest[1]} * 4;
    if (type == kEtherMpls) {  // RFC 3032 2.1: the bottom label is marked
      while (rest.size() > 4 && (rest[2] & 1U) == 0) rest = rest.subspan(4);
      return ip(behind(rest, 4), place);
    }
    if (tag == 0 || rest.size() < tag + 2) return;
    type = u16(rest, tag);
    rest = rest.subspan(tag + 2);
  }
}

void PacketOpener::ip(Bytes packet, Place place) {
  if (packet.empty()) return;
  if (packet[0] >> 4 == 4) ipv4(packet, place);
  if (packet[0] >> 4 == 6) ipv6(packet, place);
}

/// RFC 791 3.1.
void PacketOpener::ipv4(Bytes packet, Place place) {
  if (packet.size() < 20) return;
  const std::size_t header = (packet[0] & 0x0fU) * std::size_t{4};
  if (header < 20 || packet.size() < header) return;
  // A length of 0 is what segmentation offload leaves to the card.
  std::size_t total = u16(packet, 2);
  if (total == 0) total = packet.size();
  if (total < header) return;
  place.cut = total > packet.size() ? total - packet.size() : 0;
  packet = packet.first(std::min(total, packet.size()));
  place.ip_header = packet.first(20);
  place.from.v6 = place.to.v6 = false;
  place.from.address = place.to.address = {};
  std::copy_n(packet.begin() + 12, 4, place.from.address.begin());
  std::copy_n(packet.begin() + 16, 4, place.to.address.begin());
  const std::uint16_t place_in_whole = u16(packet, 6);
  const bool more = (place_in_whole & 0x2000U) != 0;
  const std::size_t offset = (place_in_whole & 0x1fffU) * std::size_t{8};
  if (!more && offset == 0) return transport(packet[9], packet.subspan(header), place);
  if (place.cut > 0) return;
  fragment({place.from.address, place.to.address, u16(packet, 4), packet[9]}, offset, more,
           packet.subspan(header), place);
}

void PacketOpener::fragment(const FragmentKey& key, std::size_t offset, bool more, Bytes payload,
                            const Place& place) {
  std::vector<std::uint8_t> whole = fragments_.add(key, offset, more, payload);
  if (whole.empty()) return;
  whole_.push_back(std::move(whole));
  transport(key.protocol, whole_.back(), place);
}

/// RFC 8200 3 and 4.
void PacketOpener::ipv6(Bytes packet, Place place) {
  if (packet.size() < 40) return;
  std::size_t total = std::size_t{u16(packet, 4)} + 40;
  if (total == 40) total = packet.size();  // a jumbogram, or segmentation offload
  place.cut = total > packet.size() ? total - packet.size() : 0;
  packet = packet.first(std::min(total, packet.size()));
  place.ip_header = packet.first(40);
  place.from.v6 = place.to.v6 = true;
  std::copy_n(packet.begin() + 8, 16, place.from.address.begin());
  std::copy_n(packet.begin() + 24, 16, place.to.address.begin());
  std::uint8_t next = packet[6];
  Bytes rest = packet.subspan(40);
  for (std::size_t i = 0; i < kMaxExtensionHeaders; ++i) {
    if (next == kFragmentHeader) {
      if (rest.size() < 8 || place.cut > 0) return;
      const std::uint16_t field = u16(rest, 2);
      const FragmentKey key{place.from.address, place.to.address, u32(rest, 4), rest[0]};
      if ((field & 0xfff9U) == 0) {  // the only fragment: RFC 6946
        next = rest[0];
        rest = rest.subspan(8);
        continue;
      }
      return fragment(key, field & 0xfff8U, (field & 1U) != 0, rest.subspan(8), place);
    }
    // Hop-by-hop options, routing, destination options, mobility.
    const bool eights = next == 0 || next == 43 || next == 60 || next == 135;
    if (!eights && next != kAuthenticationHeader) return transport(next, rest, place);
    if (rest.size() < 8) return;
    const std::size_t length =
        eights ? (std::size_t{rest[1]} + 1) * 8 : (std::size_t{rest[1]} + 2) * 4;
    if (rest.size() < length) return;
    next = rest[0];
    rest = rest.subspan(length);
  }
}

void PacketOpener::transport(std::uint8_t protocol, Bytes bytes, Place place) {
  if (protocol == kTcp) return tcp(bytes, place);
  if (protocol == kUdp) return udp(bytes, place);
  if (++place.tunnels > kMaxTunnels) return;
  if (protocol == kIpInIp || protocol == kIpv6InIp) return ip(bytes, place);
  if (protocol != kGre || bytes.size() < 4 || (bytes[0] & 0x40U) != 0) return;
  // RFC 2784 2.1, RFC 2890 2: checksum, key and sequence number are there when their bits say so.
  const std::size_t words = (bytes[0] >> 7) + ((bytes[0] >> 5) & 1U) + ((bytes[0] >> 4) & 1U);
  ether_type(u16(bytes, 2), behind(bytes, 4 + words * 4), place);
}

/// RFC 9293 3.1.
void PacketOpener::tcp(Bytes bytes, const Place& place) {
  if (bytes.size() < 20) return;
  const std::size_t header = (bytes[12] >> 4) * std::size_t{4};
  if (header < 20 || bytes.size() < header) return;
  TcpSegment segment;
  segment.from = place.from;
  segment.to = place.to;
  segment.from.port = u16(bytes, 0);
  segment.to.port = u16(bytes, 2);
  segment.sequence = u32(bytes, 4);
  segment.acknowledged = u32(bytes, 8);
  segment.fin = (bytes[13] & 0x01U) != 0;
  segment.syn = (bytes[13] & 0x02U) != 0;
  segment.rst = (bytes[13] & 0x04U) != 0;
  segment.ack = (bytes[13] & 0x10U) != 0;
  segment.payload = bytes.subspan(header);
  segment.tcp_header = bytes.first(header);
  segment.ip_header = place.ip_header;
  segment.missing = place.cut;
  segment.time_ns = place.packet->time_ns;
  segment.in = place.packet;
  segment.packet = place.packet->number;
  opened_.tcp = segment;
}

void PacketOpener::udp(Bytes bytes, Place place) {
  if (bytes.size() < 8) return;
  const std::uint16_t port = u16(bytes, 2);
  const Bytes payload = bytes.subspan(8);
  if (++place.tunnels <= kMaxTunnels) {
    if (port == 4789 && payload.size() > 8)  // VXLAN, RFC 7348 5
      return ethernet(payload.subspan(8), place);
    if (port == 6081 && payload.size() > 8)  // Geneve, RFC 8926 3.4
      return ether_type(u16(payload, 2), behind(payload, 8 + (payload[0] & 0x3fU) * 4), place);
    if (port == 2152 && payload.size() > 8 && payload[1] == 0xff)  // GTP-U, 3GPP TS 29.281 5.1
      return ip(behind(payload, (payload[0] & 7U) != 0 ? 12 : 8), place);
    if (port == 5247) return capwap(payload, place);
  }
  place.from.port = u16(bytes, 0);
  place.to.port = port;
  opened_.udp = Datagram{place.from, place.to, payload};
}

/// CAPWAP's data channel (RFC 5415 4.3) with 802.11 frames inside: LLC/SNAP ends with an EtherType.
void PacketOpener::capwap(Bytes payload, Place place) {
  if (payload.size() < 8 || payload[0] != 0) return;
  const Bytes frame = behind(payload, std::size_t{payload[1]} >> 3U << 2U);
  if (frame.size() < 34) return;
  for (const std::size_t header : {std::size_t{24}, std::size_t{26}, std::size_t{30}})
    if (frame.size() > header + 8 && frame[header] == 0xaa && frame[header + 1] == 0xaa)
      return ether_type(u16(frame, header + 6), frame.subspan(header + 8), place);
}

}  // namespace visavis::inspect
