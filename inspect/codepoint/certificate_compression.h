#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// CertificateCompression: how a CompressedCertificate is compressed, IANA TLS Certificate
/// Compression Algorithm IDs.
struct CertificateCompression {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const CertificateCompression&,
                                    const CertificateCompression&) = default;
};

std::string_view known_name(CertificateCompression point);

}  // namespace visavis::inspect
