#pragma once
#include <string_view>

namespace visavis::inspect::message_note {

/// Of a Certificate message whose header came, and not all of its body, when its client broke off.
/// The event's length is what the header says, 4 bytes of header included.
inline constexpr std::string_view kCertificateCutOff = "Certificate (cut off)";

}  // namespace visavis::inspect::message_note
