#pragma once
#include <optional>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CertificateVerify is the proof that its sender holds the certificate's key: RFC 8446 4.4.3,
/// RFC 5246 7.4.8.
struct CertificateVerify {
  std::optional<SignatureScheme> scheme;  ///< from TLS 1.2 on; before, the key's type decides
  std::uint16_t signature_length = 0;     ///< bytes
};

/// parse_certificate_verify parses a complete message, header included, in the shape of the
/// negotiated version. Errors: truncated, trailing.
Result<CertificateVerify> parse_certificate_verify(Bytes message, ProtocolVersion version);

}  // namespace visavis::inspect
