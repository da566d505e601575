#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CertificateMessage holds the DER certificates in the order sent; an empty list is legal for a
/// client.
struct CertificateMessage {
  std::vector<std::vector<std::uint8_t>> certificates;
  bool cut = false;  ///< more than limits::kMaxCertificates were sent
  /// TLS 1.3: size of the OCSP response that is stapled to the first certificate.
  std::optional<std::uint32_t> ocsp_bytes;
  Bytes ocsp_response{};                   ///< that response, a view into the message
  std::optional<ParseError> ocsp_problem;  ///< the stapled response is not what it should be
};

/// parse_certificate_message parses a complete Certificate message, header included, in the shape
/// of the negotiated version: RFC 8446 4.4.2 (context and per-certificate extensions) or RFC
/// 5246 7.4.2.
Result<CertificateMessage> parse_certificate_message(Bytes message, ProtocolVersion version);

/// parse_raw_public_key returns the size in bytes of the one key that a Certificate message up to
/// TLS 1.2 holds where the peers agreed on raw public keys. Source: RFC 7250 3.
Result<std::uint32_t> parse_raw_public_key(Bytes message);

}  // namespace visavis::inspect
