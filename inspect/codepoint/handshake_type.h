#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// HandshakeType: a handshake message's type, RFC 8446 4 and IANA TLS HandshakeType.
struct HandshakeType {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const HandshakeType&, const HandshakeType&) = default;
};

inline constexpr HandshakeType kHelloRequest{0};
inline constexpr HandshakeType kClientHello{1};
inline constexpr HandshakeType kServerHello{2};
inline constexpr HandshakeType kNewSessionTicket{4};
inline constexpr HandshakeType kEndOfEarlyData{5};
inline constexpr HandshakeType kDraftHelloRetryRequest{6};  ///< TLS 1.3 drafts up to 21
inline constexpr HandshakeType kEncryptedExtensions{8};
inline constexpr HandshakeType kCertificate{11};
inline constexpr HandshakeType kServerKeyExchange{12};
inline constexpr HandshakeType kCertificateRequest{13};
inline constexpr HandshakeType kServerHelloDone{14};
inline constexpr HandshakeType kCertificateVerify{15};
inline constexpr HandshakeType kClientKeyExchange{16};
inline constexpr HandshakeType kFinished{20};
inline constexpr HandshakeType kCertificateUrl{21};
inline constexpr HandshakeType kCertificateStatus{22};
inline constexpr HandshakeType kSupplementalData{23};
inline constexpr HandshakeType kKeyUpdate{24};
inline constexpr HandshakeType kCompressedCertificate{25};
inline constexpr HandshakeType kNextProtocol{67};
inline constexpr HandshakeType kMessageHash{254};

std::string_view known_name(HandshakeType point);

}  // namespace visavis::inspect
