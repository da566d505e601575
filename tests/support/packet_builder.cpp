#include "tests/support/packet_builder.h"

#include <algorithm>

namespace visavis::test {
namespace {

const ByteVector kClientV4{10, 0, 0, 1};
const ByteVector kServerV4{10, 0, 0, 2};
const ByteVector kClientV6 = from_hex("20010db8 00000000 00000000 00000001");
const ByteVector kServerV6 = from_hex("20010db8 00000000 00000000 00000002");

ByteVector number_of(std::uint64_t value, std::size_t width, bool big) {
  ByteVector bytes;
  for (std::size_t i = 0; i < width; ++i)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * (big ? width - 1 - i : i))));
  return bytes;
}

void append(ByteVector& bytes, const ByteVector& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

ByteVector padded(ByteVector bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

}  // namespace

ByteVector TcpPacket::bytes() const {
  std::uint8_t bits = 0;
  for (const char flag : flags)
    bits = static_cast<std::uint8_t>(bits | (flag == 'F'   ? 1
                                             : flag == 'S' ? 2
                                             : flag == 'R' ? 4
                                                           : 16));
  const auto header = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
  return joined({big_endian(from_client ? client_port : server_port, 2),
                 big_endian(from_client ? server_port : client_port, 2),
                 big_endian(sequence, 4),
                 big_endian(acknowledged, 4),
                 {header, bits, 0xff, 0xff, 0, 0, 0, 0},
                 options,
                 payload});
}

ByteVector udp_packet(std::uint16_t from, std::uint16_t to, const ByteVector& payload) {
  return joined({big_endian(from, 2),
                 big_endian(to, 2),
                 big_endian(static_cast<std::uint32_t>(payload.size() + 8), 2),
                 {0, 0},
                 payload});
}

ByteVector ipv4_packet(std::uint8_t protocol, const ByteVector& payload, bool from_client,
                       Fragment fragment) {
  const auto place =
      static_cast<std::uint32_t>((fragment.more ? 0x2000U : 0U) | fragment.offset / 8);
  return joined({{0x45, 0},
                 big_endian(static_cast<std::uint32_t>(payload.size() + 20), 2),
                 big_endian(fragment.id, 2),
                 big_endian(place, 2),
                 {64, protocol, 0, 0},
                 from_client ? kClientV4 : kServerV4,
                 from_client ? kServerV4 : kClientV4,
                 payload});
}

ByteVector ipv6_packet(std::uint8_t next, const ByteVector& payload, bool from_client) {
  return joined({{0x60, 0, 0, 0},
                 big_endian(static_cast<std::uint32_t>(payload.size()), 2),
                 {next, 64},
                 from_client ? kClientV6 : kServerV6,
                 from_client ? kServerV6 : kClientV6,
                 payload});
}

ByteVector ipv6_fragment(std::uint8_t next, const Fragment& fragment, const ByteVector& payload) {
  return joined(
      {{next, 0},
       big_endian(static_cast<std::uint32_t>(fragment.offset | (fragment.more ? 1U : 0U)), 2),
       big_endian(fragment.id, 4),
       payload});
}

ByteVector ethernet_frame(std::uint16_t type, const ByteVector& payload) {
  return joined({ByteVector(12, 0x02), big_endian(type, 2), payload});
}

ByteVector tcp_frame(const TcpPacket& packet) {
  return ethernet_frame(0x0800, ipv4_packet(kTcpNumber, packet.bytes(), packet.from_client));
}

ByteVector PcapFile::number(std::uint32_t value, std::size_t width) const {
  return number_of(value, width, big);
}

void PcapFile::begin() {
  bytes = joined({number(magic, 4), number(2, 2), number(4, 2), number(0, 4), number(0, 4),
                  number(65535, 4), number(link_type, 4)});
}

void PcapFile::packet(std::uint32_t seconds, std::uint32_t fraction, const ByteVector& packet,
                      std::size_t captured) {
  const std::size_t kept = std::min(captured, packet.size());
  append(bytes, joined({number(seconds, 4), number(fraction, 4),
                        number(static_cast<std::uint32_t>(kept), 4),
                        number(static_cast<std::uint32_t>(packet.size()), 4),
                        ByteVector(extra_header_bytes, 0)}));
  bytes.insert(bytes.end(), packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(kept));
}

ByteVector PcapngFile::number(std::uint64_t value, std::size_t width) const {
  return number_of(value, width, big);
}

ByteVector PcapngFile::option(std::uint16_t code, const ByteVector& value) const {
  return joined({number(code, 2), number(value.size(), 2), padded(value)});
}

void PcapngFile::block(std::uint32_t type, const ByteVector& body) {
  const ByteVector whole = padded(body);
  const ByteVector length = number(whole.size() + 12, 4);
  append(bytes, joined({number(type, 4), length, whole, length}));
}

void PcapngFile::section() {
  block(0x0a0d0d0a,
        joined({number(0x1a2b3c4d, 4), number(1, 2), number(0, 2), ByteVector(8, 0xff)}));
}

void PcapngFile::interface(std::uint16_t link_type, std::uint32_t snap_length,
                           const ByteVector& options) {
  block(1, joined({number(link_type, 2), number(0, 2), number(snap_length, 4), options}));
}

void PcapngFile::enhanced(std::uint32_t interface, std::uint64_t stamp, const ByteVector& packet,
                          const ByteVector& options) {
  block(6, joined({number(interface, 4), number(stamp >> 32, 4), number(stamp & 0xffffffff, 4),
                   number(packet.size(), 4), number(packet.size(), 4), padded(packet), options}));
}

void PcapngFile::simple(const ByteVector& packet, std::size_t original_length) {
  block(3, joined({number(original_length, 4), packet}));
}

void PcapngFile::secrets(std::uint32_t type, std::string_view text) {
  block(10, joined({number(type, 4), number(text.size(), 4), text_bytes(text)}));
}

}  // namespace visavis::test
