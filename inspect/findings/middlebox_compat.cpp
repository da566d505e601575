#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {

/// In the compatibility mode of TLS 1.3 the client sends a session id that means nothing, and "the
/// server ... echoes the contents" (RFC 8446 4.1.3, D.4): a server, or a box before it, that leaves
/// it empty is refused by every client.
std::optional<FindingReport> diagnose_middlebox_compat(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || side.leg->outcome == "established") return std::nullopt;
  const auto& hello = side.leg->client_hello;
  const auto& answer = side.leg->server_hello;
  if (!hello || !answer || answer->version.id != kTls13.value) return std::nullopt;
  if (hello->session_id.empty() || !answer->session_id.empty() || went_on(side))
    return std::nullopt;

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = speaks_for_client(session, side) ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend does not echo the session id of TLS 1.3's compatibility mode";
  finding.cause =
      "The hello has a session id of " + count_of(hello->session_id.size() / 2, "byte") +
      ", which TLS 1.3 sends so that devices on the way take it for a resumption; the backend's "
      "ServerHello has none. Every client breaks off. So do TLS stacks written for QUIC or for a "
      "draft of TLS 1.3, where there is none, and devices that write the ServerHello anew.";
  finding.expected = "the session id of the hello in the ServerHello";
  finding.presented = "an empty session id";
  finding.remedy =
      "Update the backend's TLS library, or the device in front of it. Until then a client whose "
      "compatibility mode can be switched off gets on (OpenSSL: no_middlebox; Java: "
      "-Djdk.tls.client.useCompatibilityMode=false), and so does one that ends at TLS 1.2.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client) + " with a session id");
  for (const std::string_view message : {"ServerHello", "HelloRetryRequest"})
    add_message_evidence(finding, side, message, std::string(message) + " without a session id");
  if (const AlertReport* alert = fatal_alert(*side.leg, "client")) {
    finding.judged_by = judged_by::kClientAlert;
    add_alert_evidence(finding, side, *alert);
  }
  finding.codes.alert = kIllegalParameter.value;
  finding.codes.hresult = "0x80090326";
  finding.codes.schannel_event = 36888;
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = "SSL_ERROR_RX_MALFORMED_SERVER_HELLO";
  finding.source = "RFC 8446 D.4";
  return finding;
}

}  // namespace visavis::inspect
