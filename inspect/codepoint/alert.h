#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// AlertDescription: an alert's description, RFC 8446 6 and IANA TLS Alerts.
struct AlertDescription {
  std::uint8_t value = 0;

  friend constexpr auto operator<=>(const AlertDescription&, const AlertDescription&) = default;
};

inline constexpr AlertDescription kCloseNotify{0};
inline constexpr AlertDescription kUnexpectedMessage{10};
inline constexpr AlertDescription kRecordOverflow{22};
inline constexpr AlertDescription kHandshakeFailure{40};
inline constexpr AlertDescription kNoCertificate{41};
inline constexpr AlertDescription kBadCertificate{42};
inline constexpr AlertDescription kCertificateExpired{45};
inline constexpr AlertDescription kCertificateUnknown{46};
inline constexpr AlertDescription kIllegalParameter{47};
inline constexpr AlertDescription kUnknownCa{48};
inline constexpr AlertDescription kAccessDenied{49};
inline constexpr AlertDescription kDecodeError{50};
inline constexpr AlertDescription kProtocolVersion{70};
inline constexpr AlertDescription kInsufficientSecurity{71};
inline constexpr AlertDescription kInternalError{80};
inline constexpr AlertDescription kInappropriateFallback{86};
inline constexpr AlertDescription kUserCanceled{90};
inline constexpr AlertDescription kCertificateRequired{116};

std::string_view known_name(AlertDescription point);

}  // namespace visavis::inspect
