#pragma once
#include <cstdint>
#include <string_view>

#include "inspect/report/finding_report.h"

namespace visavis::inspect {

/// AlertMeaning is what the standard says of an alert and what it usually comes from.
struct AlertMeaning {
  std::uint32_t alert = 0;
  std::string_view says;         ///< in our words: "no acceptable set of parameters was found"
  std::string_view source;       ///< "RFC 8446 6.2"
  std::string_view after_hello;  ///< usual causes where it answers a ClientHello; may be empty
  std::string_view elsewhere;    ///< usual causes later in the handshake or after it
};

/// alert_meaning returns what is known of an alert; of an unknown one, that it is unknown.
const AlertMeaning& alert_meaning(std::uint32_t alert);

/// add_alert_codes fills in the alert and what those say that receive it: SChannel's status and
/// event, Chrome, Firefox, Java. Source: Microsoft's "Schannel error codes for TLS and SSL alerts",
/// Chromium's and NSS's lists of errors.
void add_alert_codes(FindingCodes& codes, std::uint32_t alert);

}  // namespace visavis::inspect
