#pragma once
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
};

/// parse_certificate_message parses a complete Certificate message, header included, in the shape
/// of the negotiated version: RFC 8446 4.4.2 (context and per-certificate extensions) or RFC
/// 5246 7.4.2.
Result<CertificateMessage> parse_certificate_message(Bytes message, ProtocolVersion version);

}  // namespace visavis::inspect
