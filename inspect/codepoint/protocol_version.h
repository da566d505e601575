#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ProtocolVersion: a version as on the wire; RFC 8446 4.2.1, drafts 0x7fXX, SSL 2.0 as 0x0002.
struct ProtocolVersion {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const ProtocolVersion&, const ProtocolVersion&) = default;
};

inline constexpr ProtocolVersion kSsl2{0x0002};
inline constexpr ProtocolVersion kSsl3{0x0300};
inline constexpr ProtocolVersion kTls10{0x0301};
inline constexpr ProtocolVersion kTls11{0x0302};
inline constexpr ProtocolVersion kTls12{0x0303};
inline constexpr ProtocolVersion kTls13{0x0304};

std::string_view known_name(ProtocolVersion point);

}  // namespace visavis::inspect
