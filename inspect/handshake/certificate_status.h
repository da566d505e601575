#pragma once
#include "inspect/bytes/result.h"
#include "inspect/codepoint/certificate_status_type.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CertificateStatus is a stapled answer about a certificate's revocation. Source: RFC 6066 8
/// (ocsp), RFC 6961 2.2 (ocsp_multi).
struct CertificateStatus {
  CertificateStatusType type;
  std::uint32_t responses = 0;       ///< of an ocsp_multi list, the empty ones left out
  std::uint32_t response_bytes = 0;  ///< of all of them; of an unknown type, all that follows
  Bytes response{};  ///< a view into the message: the first response, the server's own
};

/// parse_certificate_status parses a complete CertificateStatus message (up to TLS 1.2), header
/// included. Errors: truncated, trailing, bad_length (an ocsp response without a byte).
Result<CertificateStatus> parse_certificate_status(Bytes message);

/// read_certificate_status reads the same structure where TLS 1.3 has it: in the status_request
/// extension of a certificate's entry (RFC 8446 4.4.2.1). Errors go to the reader.
CertificateStatus read_certificate_status(ByteReader& reader);

}  // namespace visavis::inspect
