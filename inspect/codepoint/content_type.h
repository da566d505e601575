#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ContentType: a record's content type, RFC 8446 5.1.
struct ContentType {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const ContentType&, const ContentType&) = default;
};

inline constexpr ContentType kChangeCipherSpec{20};
inline constexpr ContentType kAlert{21};
inline constexpr ContentType kHandshake{22};
inline constexpr ContentType kApplicationData{23};

std::string_view known_name(ContentType point);

}  // namespace visavis::inspect
