#include "inspect/capture/udp_protocol.h"

#include <functional>
#include <string_view>

#include "inspect/capture/file_number.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kDtlsHeaderBytes = 13;
constexpr std::size_t kMaxConnectionIdBytes = 20;

/// RFC 6347 4.1, RFC 9147 4.1: a record in clear, or one whose first header shows its length.
bool is_dtls(Bytes bytes) {
  if (bytes.size() < kDtlsHeaderBytes || bytes[0] < 20 || bytes[0] > 26) return false;
  const std::uint16_t version = number16(bytes, 1, true);
  // DTLS 1.0, 1.2 and OpenSSL's before there was a standard.
  if (version != 0xfeff && version != 0xfefd && version != 0x0100) return false;
  const std::size_t length = number16(bytes, 11, true);
  return length > 0 && length <= bytes.size() - kDtlsHeaderBytes;
}

bool is_quic_version(std::uint32_t version) {
  const std::uint32_t family = version >> 8;
  return version == 1 || version == 0x6b3343cf || family == 0xff0000 || family == 0xfaceb0 ||
         (version >> 24 == 'Q' && (version >> 16 & 0xff) == '0') ||
         (version >> 24 == 'T' && (version >> 16 & 0xff) == '0') ||
         (version & 0x0f0f0f0fU) == 0x0a0a0a0aU;  // to exercise negotiation: RFC 9000 15
}

/// RFC 8999 5.1.
bool is_quic_long(Bytes bytes) {
  if (bytes.size() < 7 || (bytes[0] & 0x80U) == 0) return false;
  const std::uint32_t version = number32(bytes, 1, true);
  const std::size_t to = bytes[5];
  // 0 is version negotiation.
  if (!is_quic_version(version) && version != 0) return false;
  if (to > kMaxConnectionIdBytes || bytes.size() < 7 + to) return false;
  const std::size_t from = bytes[6 + to];
  if (from > kMaxConnectionIdBytes || bytes.size() < 7 + to + from) return false;
  if (version != 0) return (bytes[0] & 0x40U) != 0 || version >> 24 == 'Q';
  const std::size_t offered = bytes.size() - 7 - to - from;
  return offered >= 4 && offered % 4 == 0 && is_quic_version(number32(bytes, 7 + to + from, true));
}

/// Google's, up to Q043: flags, a connection id of eight bytes, the version in ASCII.
bool is_early_quic(Bytes bytes) {
  return bytes.size() >= 13 && (bytes[0] & 0x89U) == 0x09U && bytes[9] == 'Q' && bytes[10] == '0' &&
         bytes[11] >= '0' && bytes[11] <= '9';
}

/// The same both ways.
std::size_t flow_of(const Datagram& datagram) {
  const std::hash<std::string_view> hash;
  const auto one = [&hash](const NetworkEndpoint& end) {
    const std::string_view address(reinterpret_cast<const char*>(end.address.data()),
                                   end.address.size());
    return hash(address) * 31 + end.port;
  };
  return one(datagram.from) ^ one(datagram.to);
}

}  // namespace

UdpProtocol UdpProtocols::recognise(const Datagram& datagram) {
  const Bytes bytes = datagram.payload;
  if (is_dtls(bytes)) return UdpProtocol::dtls;
  if (is_quic_long(bytes) || is_early_quic(bytes)) {
    if (quic_.size() >= kMaxFlows) quic_.clear();
    quic_.insert(flow_of(datagram));
    return UdpProtocol::quic;
  }
  if (!bytes.empty() && quic_.count(flow_of(datagram)) > 0) return UdpProtocol::quic;
  return UdpProtocol::other;
}

}  // namespace visavis::inspect
