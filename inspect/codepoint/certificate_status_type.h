#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// CertificateStatusType: the kind of a stapled answer, IANA TLS Certificate Status Types.
struct CertificateStatusType {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const CertificateStatusType&,
                                    const CertificateStatusType&) = default;
};

inline constexpr CertificateStatusType kOcsp{1};
inline constexpr CertificateStatusType kOcspMulti{2};

std::string_view known_name(CertificateStatusType point);

}  // namespace visavis::inspect
