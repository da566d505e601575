#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

bool asks(const ClientHelloReport& hello) {
  return listed_contains(hello.extensions, code_point(kRenegotiationInfo)) ||
         listed_contains(hello.ciphers, code_point(kEmptyRenegotiationInfoScsv));
}

/// The ServerHello of a version that has renegotiation at all, without the extension.
bool is_missing(const LegReport& leg) {
  if (!leg.client_hello || !leg.server_hello || !asks(*leg.client_hello)) return false;
  const std::uint32_t version = leg.server_hello->version.id;
  if (version < kSsl3.value || version > kTls12.value) return false;
  return !listed_contains(leg.server_hello->extensions, code_point(kRenegotiationInfo));
}

/// OpenSSL 3 reads the whole flight and then says handshake_failure.
const AlertReport* refusal(const LegReport& leg) {
  if (leg.outcome == "established" || count_messages(leg, "ClientKeyExchange", "client") > 0)
    return nullptr;
  const AlertReport* alert = fatal_alert(leg, "client");
  return alert != nullptr && alert->description.id == kHandshakeFailure.value ? alert : nullptr;
}

}  // namespace

/// The backend does not know secure renegotiation (RFC 5746), the answer to CVE-2009-3555.
std::optional<FindingReport> diagnose_renegotiation_info_missing(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !is_missing(*side.leg)) return std::nullopt;
  const LegSide client = client_side(session);
  const AlertReport* alert = client && is_missing(*client.leg) ? refusal(*client.leg) : nullptr;
  if (alert == nullptr && side.leg->outcome != "established") return std::nullopt;

  FindingReport finding;
  finding.severity = alert != nullptr ? severity::kError : severity::kWarning;
  finding.side = side::kBackend;
  // Other things may be wrong with that flight: the alert does not say.
  finding.confidence = alert != nullptr ? confidence::kLikely : confidence::kProven;
  finding.judged_by = alert != nullptr ? judged_by::kClientAlert : judged_by::kProxyCheck;
  finding.title = alert != nullptr
                      ? "The client refuses a backend without secure renegotiation (RFC 5746)"
                      : "The backend does not know secure renegotiation (RFC 5746)";
  finding.cause =
      "The hello asks for renegotiation_info, and the backend's ServerHello has none: it is "
      "unpatched since 2009 (CVE-2009-3555), or a device in front of it takes the extension out. "
      "OpenSSL 3 and what is built on it (curl, Python, Ruby, PHP) refuses that, with error "
      "0A000152 'unsafe legacy renegotiation disabled'; OpenSSL up to 1.1.1, browsers and Java "
      "connect. SChannel in strict mode (MS10-049) refuses it, too.";
  if (alert != nullptr)
    finding.cause += " This client sent " + alert_words(*alert) + " after the backend's flight.";
  finding.expected = "renegotiation_info in the ServerHello";
  finding.presented = "a ServerHello without it";
  finding.remedy =
      "Update the backend, or the device that ends its TLS. Until then, at the client: OpenSSL 3, "
      "Options = UnsafeLegacyServerConnect in openssl.cnf (from 3.0.4 on), curl --insecure does "
      "not help; Windows: AllowInsecureRenegoServers.";
  add_message_evidence(finding, side, "ServerHello", "ServerHello without renegotiation_info");
  if (alert != nullptr) {
    add_alert_evidence(finding, client, *alert);
    finding.codes.alert = kHandshakeFailure.value;
  }
  finding.codes.hresult = "0x80090326";
  finding.codes.firefox = "SSL_ERROR_UNSAFE_NEGOTIATION";
  finding.source = "RFC 5746 3.4";
  return finding;
}

}  // namespace visavis::inspect
