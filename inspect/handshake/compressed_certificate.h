#pragma once
#include "inspect/bytes/result.h"
#include "inspect/codepoint/certificate_compression.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// CompressedCertificate stands in the place of a TLS 1.3 Certificate. It is not decompressed: its
/// certificates stay unknown. Source: RFC 8879 4.
struct CompressedCertificate {
  CertificateCompression algorithm;
  std::uint32_t uncompressed_length = 0;  ///< bytes, as its sender says
  std::uint32_t compressed_length = 0;    ///< bytes
};

/// parse_compressed_certificate parses a complete message, header included. Errors: truncated,
/// trailing, bad_length (nothing compressed).
Result<CompressedCertificate> parse_compressed_certificate(Bytes message);

}  // namespace visavis::inspect
