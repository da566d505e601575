#pragma once
#include <optional>
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/codepoint/client_certificate_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CertificateRequest is what a server asks of its client's certificate: RFC 8446 4.3.2 (TLS 1.3),
/// RFC 5246 7.4.4 (1.2), RFC 4346 7.4.4 (before).
struct CertificateRequest {
  std::vector<std::uint8_t> context;         ///< TLS 1.3; not empty only after the handshake
  std::vector<ClientCertificateType> types;  ///< up to TLS 1.2
  std::optional<std::vector<SignatureScheme>> sig_algs;       ///< TLS 1.2 and 1.3
  std::optional<std::vector<SignatureScheme>> sig_algs_cert;  ///< TLS 1.3
  /// DER Names of the issuers that are accepted, at most limits::kMaxAuthorities; none: any.
  std::vector<std::vector<std::uint8_t>> authorities;
  std::uint32_t authorities_total = 0;
  std::vector<Extension> extensions;  ///< TLS 1.3; offsets are from the message's first header byte
};

/// parse_certificate_request parses a complete message, header included, in the shape of the
/// negotiated version. An empty list of types or issuers is taken as it is, though RFC 5246 wants a
/// type. Errors: truncated, trailing, bad_length (an odd list of schemes, a name without bytes).
Result<CertificateRequest> parse_certificate_request(Bytes message, ProtocolVersion version);

}  // namespace visavis::inspect
