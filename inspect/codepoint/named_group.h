#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// NamedGroup: a named group (key exchange), IANA TLS Supported Groups.
struct NamedGroup {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const NamedGroup&, const NamedGroup&) = default;
};

/// What a ServerKeyExchange with a curve spelled out is called. RFC 8422 5.1.1.
inline constexpr NamedGroup kExplicitPrimeCurve{0xff01};
inline constexpr NamedGroup kExplicitChar2Curve{0xff02};

std::string_view known_name(NamedGroup point);

}  // namespace visavis::inspect
