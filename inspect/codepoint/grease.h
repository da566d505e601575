#pragma once
#include <cstdint>

namespace visavis::inspect {

/// is_grease is true for the sixteen reserved values 0x0a0a, 0x1a1a ... 0xfafa. Source: RFC 8701 2.
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

}  // namespace visavis::inspect
