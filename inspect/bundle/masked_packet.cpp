#include "inspect/bundle/masked_packet.h"

#include <algorithm>

#include "inspect/capture/internet_checksum.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kLargestIp = 65'535;
constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kTcpChecksum = 16;  // where in TCP's header
constexpr std::size_t kIpChecksum = 10;   // where in that of IPv4

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

Bytes address_of(const NetworkEndpoint& endpoint) {
  return Bytes(endpoint.address).first(endpoint.v6 ? 16 : 4);
}

/// What a segmentation offload has left larger than IP can say is told as 0, as it does itself.
std::size_t told(std::size_t length) { return length > kLargestIp ? 0 : length; }

/// RFC 791 3.1; of the flags only "don't fragment" stays.
std::vector<std::uint8_t> ipv4_header(Bytes own, std::size_t behind) {
  std::vector<std::uint8_t> header(own.begin(), own.end());
  header[0] = 0x45;
  put16(header, 2, told(kIpv4Bytes + behind));
  header[6] &= 0x40U;
  header[7] = 0;
  header[9] = kTcp;
  put16(header, kIpChecksum, 0);
  return header;
}

/// RFC 8200 3.
std::vector<std::uint8_t> ipv6_header(Bytes own, std::size_t behind) {
  std::vector<std::uint8_t> header(own.begin(), own.end());
  put16(header, 4, told(behind));
  header[6] = kTcp;
  return header;
}

/// All that TCP's checksum covers (RFC 9293 3.1), as far as it is there.
InternetChecksum checksum_over(const NetworkEndpoint& from, const NetworkEndpoint& to,
                               std::size_t length, Bytes header, Bytes payload) {
  InternetChecksum sum;
  sum.add(address_of(from));
  sum.add(address_of(to));
  sum.add_word(static_cast<std::uint16_t>(length >> 16));
  sum.add_word(static_cast<std::uint16_t>(length));
  sum.add_word(kTcp);
  sum.add(header);
  sum.add(payload);
  return sum;
}

}  // namespace

MaskedPacket masked_packet(const TcpSegment& segment, std::vector<std::uint8_t> payload,
                           const AddressMask& addresses) {
  const NetworkEndpoint from = addresses.apply(segment.from);
  const NetworkEndpoint to = addresses.apply(segment.to);
  std::vector<std::uint8_t> tcp(segment.tcp_header.begin(), segment.tcp_header.end());
  const std::size_t length = tcp.size() + payload.size() + segment.missing;
  const std::uint16_t old_checksum =
      static_cast<std::uint16_t>(tcp[kTcpChecksum] << 8 | tcp[kTcpChecksum + 1]);
  put16(tcp, kTcpChecksum, 0);
  const std::uint16_t now = checksum_over(from, to, length, tcp, payload).value();
  if (segment.missing == 0) {
    put16(tcp, kTcpChecksum, now);
  } else {
    const std::uint16_t before =
        checksum_over(segment.from, segment.to, length, tcp, segment.payload).value();
    InternetChecksum changed;  // ~old - before + now, in one's complement
    changed.add_word(static_cast<std::uint16_t>(~old_checksum));
    changed.add_word(before);
    changed.add_word(static_cast<std::uint16_t>(~now));
    put16(tcp, kTcpChecksum, changed.value());
  }
  const bool v6 = segment.from.v6;
  MaskedPacket packet;
  packet.headers =
      v6 ? ipv6_header(segment.ip_header, length) : ipv4_header(segment.ip_header, length);
  const std::size_t place = v6 ? 8 : 12;
  const Bytes source = address_of(from);
  std::copy(source.begin(), source.end(), packet.headers.begin() + static_cast<long>(place));
  const Bytes target = address_of(to);
  std::copy(target.begin(), target.end(),
            packet.headers.begin() + static_cast<long>(place + source.size()));
  if (!v6) {
    InternetChecksum sum;
    sum.add(packet.headers);
    put16(packet.headers, kIpChecksum, sum.value());
  }
  packet.original_length = packet.headers.size() + length;
  packet.headers.insert(packet.headers.end(), tcp.begin(), tcp.end());
  packet.payload = std::move(payload);
  return packet;
}

}  // namespace visavis::inspect
