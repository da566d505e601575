#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// CipherSuite: a cipher suite, IANA TLS Cipher Suites.
struct CipherSuite {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const CipherSuite&, const CipherSuite&) = default;
};

inline constexpr CipherSuite kEmptyRenegotiationInfoScsv{0x00ff};  ///< RFC 5746 3.3
inline constexpr CipherSuite kFallbackScsv{0x5600};                ///< RFC 7507

std::string_view known_name(CipherSuite point);

}  // namespace visavis::inspect
