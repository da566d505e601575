#include "inspect/findings/alert_codes.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "inspect/codepoint/alert.h"

// What the receiver of an alert calls it. Microsoft: "Schannel error codes for TLS and SSL alerts";
// Chromium: net/base/net_error_list.h and its mapping of OpenSSL's errors; NSS: SSLerrs.h.
namespace visavis::inspect {
namespace {

struct ReceiversWords {
  std::uint32_t alert = 0;
  std::string_view hresult;
  std::string_view firefox;
  std::string_view chrome;
};

constexpr std::string_view kIllegalMessage = "0x80090326";  // Schannel's for all that it has no own
constexpr std::string_view kProtocolError = "ERR_SSL_PROTOCOL_ERROR";
constexpr std::string_view kClientAuth = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
constexpr std::string_view kNothingShared = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";

constexpr ReceiversWords kWords[] = {
    {10, kIllegalMessage, "SSL_ERROR_HANDSHAKE_UNEXPECTED_ALERT", kProtocolError},
    {20, "0x8009030f", "SSL_ERROR_BAD_MAC_ALERT", "ERR_SSL_BAD_RECORD_MAC_ALERT"},
    {21, "0x80090330", "SSL_ERROR_DECRYPTION_FAILED_ALERT", kProtocolError},
    {22, kIllegalMessage, "SSL_ERROR_RECORD_OVERFLOW_ALERT", kProtocolError},
    {30, "0x8009030f", "SSL_ERROR_DECOMPRESSION_FAILURE_ALERT", kProtocolError},
    {40, kIllegalMessage, "SSL_ERROR_HANDSHAKE_FAILURE_ALERT", kNothingShared},
    {42, "0x80090327", "SSL_ERROR_BAD_CERT_ALERT", kClientAuth},
    {43, "0x80090327", "SSL_ERROR_UNSUPPORTED_CERT_ALERT", kClientAuth},
    {44, "0x80092010", "SSL_ERROR_REVOKED_CERT_ALERT", kClientAuth},
    {45, "0x80090328", "SSL_ERROR_EXPIRED_CERT_ALERT", kClientAuth},
    {46, "0x80090327", "SSL_ERROR_CERTIFICATE_UNKNOWN_ALERT", kClientAuth},
    {47, kIllegalMessage, "SSL_ERROR_ILLEGAL_PARAMETER_ALERT", kProtocolError},
    {48, "0x80090325", "SSL_ERROR_UNKNOWN_CA_ALERT", kClientAuth},
    {49, "0x8009030c", "SSL_ERROR_ACCESS_DENIED_ALERT", kClientAuth},
    {50, kIllegalMessage, "SSL_ERROR_DECODE_ERROR_ALERT", kProtocolError},
    {51, "0x80090330", "SSL_ERROR_DECRYPT_ERROR_ALERT", "ERR_SSL_DECRYPT_ERROR_ALERT"},
    {60, kIllegalMessage, "SSL_ERROR_EXPORT_RESTRICTION_ALERT", kProtocolError},
    {70, "0x80090302", "SSL_ERROR_PROTOCOL_VERSION_ALERT", kNothingShared},
    {71, "0x80090331", "SSL_ERROR_INSUFFICIENT_SECURITY_ALERT", kProtocolError},
    {80, "0x80090304", "SSL_ERROR_INTERNAL_ERROR_ALERT", kProtocolError},
    {86, kIllegalMessage, "SSL_ERROR_INAPPROPRIATE_FALLBACK_ALERT", kProtocolError},
    {90, "0x80090333", "SSL_ERROR_USER_CANCELED_ALERT", kProtocolError},
    {100, kIllegalMessage, "SSL_ERROR_NO_RENEGOTIATION_ALERT", kProtocolError},
    {109, kIllegalMessage, "SSL_ERROR_MISSING_EXTENSION_ALERT", kProtocolError},
    {110, kIllegalMessage, "SSL_ERROR_UNSUPPORTED_EXTENSION_ALERT", kProtocolError},
    {111, kIllegalMessage, "SSL_ERROR_CERTIFICATE_UNOBTAINABLE_ALERT", kProtocolError},
    {112, kIllegalMessage, "SSL_ERROR_UNRECOGNIZED_NAME_ALERT", "ERR_SSL_UNRECOGNIZED_NAME_ALERT"},
    {113, kIllegalMessage, "SSL_ERROR_BAD_CERT_STATUS_RESPONSE_ALERT", kProtocolError},
    {114, kIllegalMessage, "SSL_ERROR_BAD_CERT_HASH_VALUE_ALERT", kProtocolError},
    {116, kIllegalMessage, "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT", kClientAuth},
    {120, "0x80090367", "SSL_ERROR_NEXT_PROTOCOL_NO_PROTOCOL", kProtocolError},
};

static_assert(std::is_sorted(std::begin(kWords), std::end(kWords),
                             [](const ReceiversWords& a, const ReceiversWords& b) {
                               return a.alert < b.alert;
                             }));

}  // namespace

void add_alert_codes(FindingCodes& codes, std::uint32_t alert) {
  constexpr int kFatalAlertReceived = 36887;
  codes.alert = static_cast<int>(alert);
  codes.schannel_event = kFatalAlertReceived;
  codes.java = "SSLHandshakeException: Received fatal alert: " +
               name(AlertDescription{static_cast<std::uint8_t>(alert)});
  const auto* const found =
      std::find_if(std::begin(kWords), std::end(kWords),
                   [alert](const ReceiversWords& words) { return words.alert == alert; });
  if (found == std::end(kWords)) {
    codes.hresult = kIllegalMessage;
    return;
  }
  codes.hresult = found->hresult;
  codes.firefox = found->firefox;
  codes.chrome = found->chrome;
}

}  // namespace visavis::inspect
