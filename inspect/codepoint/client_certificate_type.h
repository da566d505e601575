#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ClientCertificateType: what kind of certificate a server up to TLS 1.2 asks for, IANA TLS
/// ClientCertificateType Identifiers.
struct ClientCertificateType {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const ClientCertificateType&,
                                    const ClientCertificateType&) = default;
};

std::string_view known_name(ClientCertificateType point);

}  // namespace visavis::inspect
