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

std::string_view known_name(NamedGroup point);

}  // namespace visavis::inspect
