#include "inspect/capture/tcp_packets.h"

#include <algorithm>

#include "inspect/capture/internet_checksum.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kIpv4HeaderBytes = 20;
constexpr std::size_t kIpv6HeaderBytes = 40;
constexpr std::size_t kTcpHeaderBytes = 20;
/// No timestamps, but a window that never fills: largest segment, and scale by 2^14. RFC
/// 9293 3.7.1, RFC 7323 2.2.
constexpr std::array<std::uint8_t, 8> kSynOptions{2, 4, 0xff, 0xd7, 1, 3, 3, 14};
/// Bytes on their way after which the receiver is made to acknowledge: half of what such a window
/// holds.
constexpr std::uint32_t kMaxUnacknowledged = 1U << 29;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kHopLimit = 64;

/// Headers is one packet's, without an allocation.
class Headers {
 public:
  void put8(std::size_t value) { bytes_[size_++] = static_cast<std::uint8_t>(value); }
  void put16(std::size_t value) {
    put8(value >> 8);
    put8(value);
  }
  void put32(std::uint32_t value) {
    put16(value >> 16);
    put16(value);
  }
  void put(Bytes bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }
  void set16(std::size_t at, std::uint16_t value) {
    bytes_[at] = static_cast<std::uint8_t>(value >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(value);
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, kIpv6HeaderBytes + kTcpHeaderBytes + kSynOptions.size()> bytes_;
  std::size_t size_ = 0;
};

/// IPv4-mapped: RFC 4291 2.5.5.2.
NetworkEndpoint as_ipv6(const NetworkEndpoint& endpoint) {
  if (endpoint.v6) return endpoint;
  NetworkEndpoint mapped = endpoint;
  mapped.v6 = true;
  mapped.address = {};
  mapped.address[10] = mapped.address[11] = 0xff;
  std::copy_n(endpoint.address.begin(), 4, mapped.address.begin() + 12);
  return mapped;
}

Bytes address_of(const NetworkEndpoint& endpoint) {
  return Bytes(endpoint.address).first(endpoint.v6 ? 16 : 4);
}

void put_ip_header(Headers& headers, const NetworkEndpoint& from, const NetworkEndpoint& to,
                   std::size_t segment_bytes) {
  if (from.v6) {  // RFC 8200 3
    headers.put32(0x60000000);
    headers.put16(segment_bytes);
    headers.put8(kTcp);
    headers.put8(kHopLimit);
  } else {  // RFC 791 3.1
    headers.put16(0x4500);
    headers.put16(kIpv4HeaderBytes + segment_bytes);
    headers.put32(0x00004000);  // not to be fragmented
    headers.put8(kHopLimit);
    headers.put8(kTcp);
    headers.put16(0);
  }
  headers.put(address_of(from));
  headers.put(address_of(to));
  if (from.v6) return;
  InternetChecksum checksum;
  checksum.add(headers.bytes());
  headers.set16(10, checksum.value());
}

}  // namespace

TcpPackets::TcpPackets(const NetworkEndpoint& client, const NetworkEndpoint& server)
    : client_{client}, server_{server} {
  if (client.v6 == server.v6) return;
  client_.endpoint = as_ipv6(client);
  server_.endpoint = as_ipv6(server);
}

void TcpPackets::open(PacketSink& sink) {
  packet(true, {.syn = true}, {}, 0, sink);
  ++client_.next;
  packet(false, {.syn = true, .ack = true}, {}, 0, sink);
  ++server_.next;
  acknowledge(true, sink);
}

void TcpPackets::data(bool from_client, Bytes bytes, std::size_t keep, PacketSink& sink) {
  Side& from = from_client ? client_ : server_;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(bytes.size(), kMaxPayloadBytes));
    packet(from_client, {.push = true, .ack = true}, piece, keep, sink);
    from.next += static_cast<std::uint32_t>(piece.size());
    if (from.next - from.acknowledged > kMaxUnacknowledged) acknowledge(!from_client, sink);
    keep -= std::min(keep, piece.size());
    bytes = bytes.subspan(piece.size());
  }
}

void TcpPackets::fin(bool from_client, PacketSink& sink) {
  packet(from_client, {.fin = true, .ack = true}, {}, 0, sink);
  ++(from_client ? client_ : server_).next;
}

void TcpPackets::rst(bool from_client, PacketSink& sink) {
  packet(from_client, {.rst = true, .ack = true}, {}, 0, sink);
}

void TcpPackets::acknowledge(bool from_client, PacketSink& sink) {
  packet(from_client, {.ack = true}, {}, 0, sink);
}

void TcpPackets::packet(bool from_client, Flags flags, Bytes payload, std::size_t keep,
                        PacketSink& sink) {
  const Side& from = from_client ? client_ : server_;
  Side& to = from_client ? server_ : client_;
  if (flags.ack) to.acknowledged = to.next;
  const Bytes options = flags.syn ? Bytes(kSynOptions) : Bytes();
  const std::size_t tcp_header = kTcpHeaderBytes + options.size();
  const std::size_t segment = tcp_header + payload.size();
  Headers headers;
  put_ip_header(headers, from.endpoint, to.endpoint, segment);
  const std::size_t tcp = headers.size();  // RFC 9293 3.1
  headers.put16(from.endpoint.port);
  headers.put16(to.endpoint.port);
  headers.put32(from.next);
  headers.put32(flags.ack ? to.next : 0);
  headers.put8(tcp_header / 4 << 4);
  headers.put8((flags.ack ? 0x10U : 0U) | (flags.push ? 0x08U : 0U) | (flags.rst ? 0x04U : 0U) |
               (flags.syn ? 0x02U : 0U) | (flags.fin ? 0x01U : 0U));
  headers.put16(0xffff);  // window
  headers.put32(0);       // checksum and urgent pointer
  headers.put(options);
  InternetChecksum checksum;  // with a pseudo header of addresses, protocol, length
  checksum.add(address_of(from.endpoint));
  checksum.add(address_of(to.endpoint));
  checksum.add_word(kTcp);
  checksum.add_word(static_cast<std::uint16_t>(segment));
  checksum.add(headers.bytes().subspan(tcp));
  checksum.add(payload);
  headers.set16(tcp + 16, checksum.value());
  sink.packet(headers.bytes(), payload.first(std::min(keep, payload.size())),
              headers.size() + payload.size());
}

}  // namespace visavis::inspect
