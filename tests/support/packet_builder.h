#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/hello_builder.h"

/// Packets and capture files made by hand, right or wrong on purpose.
namespace visavis::test {

/// TcpPacket is a TCP packet of client port 1000 and server port 443 before it is written.
struct TcpPacket {
  bool from_client = true;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::string flags{};  ///< of S, A, F, R
  ByteVector payload{};
  std::uint16_t client_port = 1000;
  std::uint16_t server_port = 443;
  ByteVector options{};  ///< a multiple of four bytes

  [[nodiscard]] ByteVector bytes() const;
};

ByteVector udp_packet(std::uint16_t from, std::uint16_t to, const ByteVector& payload);

/// What an IP header tells of fragments.
struct Fragment {
  std::uint16_t id = 0;
  std::size_t offset = 0;  ///< bytes, a multiple of eight
  bool more = false;
};

inline constexpr std::uint8_t kTcpNumber = 6;
inline constexpr std::uint8_t kUdpNumber = 17;

/// ipv4_packet is sent by 10.0.0.1 to 10.0.0.2, or the other way.
ByteVector ipv4_packet(std::uint8_t protocol, const ByteVector& payload, bool from_client = true,
                       Fragment fragment = {});
/// ipv6_packet is sent by 2001:db8::1 to 2001:db8::2, or the other way; `next` is what its header
/// names.
ByteVector ipv6_packet(std::uint8_t next, const ByteVector& payload, bool from_client = true);
/// ipv6_fragment puts a fragment header before the payload: RFC 8200 4.5.
ByteVector ipv6_fragment(std::uint8_t next, const Fragment& fragment, const ByteVector& payload);
ByteVector ethernet_frame(std::uint16_t type, const ByteVector& payload);
/// tcp_frame is an Ethernet frame with IPv4 and the packet.
ByteVector tcp_frame(const TcpPacket& packet);

/// PcapFile writes a pcap file in any of its kinds.
struct PcapFile {
  std::uint32_t magic = 0xa1b2c3d4;
  bool big = false;
  std::uint32_t link_type = 1;
  std::size_t extra_header_bytes = 0;  ///< 8 with Kuznetzov's patches
  ByteVector bytes{};

  ByteVector number(std::uint32_t value, std::size_t width) const;
  void begin();
  /// The packet is cut to `captured` bytes.
  void packet(std::uint32_t seconds, std::uint32_t fraction, const ByteVector& packet,
              std::size_t captured = SIZE_MAX);
};

/// PcapngFile writes blocks of pcapng.
struct PcapngFile {
  bool big = false;
  ByteVector bytes{};

  ByteVector number(std::uint64_t value, std::size_t width) const;
  ByteVector option(std::uint16_t code, const ByteVector& value) const;
  void block(std::uint32_t type, const ByteVector& body);
  void section();
  void interface(std::uint16_t link_type, std::uint32_t snap_length,
                 const ByteVector& options = {});
  void enhanced(std::uint32_t interface, std::uint64_t stamp, const ByteVector& packet,
                const ByteVector& options = {});
  void simple(const ByteVector& packet, std::size_t original_length);
  void secrets(std::uint32_t type, std::string_view text);
};

}  // namespace visavis::test
