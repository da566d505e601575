#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// SignatureScheme: a signature scheme or a TLS 1.2 hash/signature pair, IANA TLS SignatureScheme.
struct SignatureScheme {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const SignatureScheme&, const SignatureScheme&) = default;
};

std::string_view known_name(SignatureScheme point);

}  // namespace visavis::inspect
