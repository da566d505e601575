#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

/// In the compatibility mode of TLS 1.3 the client sends a session id that means nothing, and "the
/// server ... echoes the contents" (RFC 8446 4.1.3, D.4): a server, or a box before it, that leaves
/// it empty is refused by every client.
std::optional<FindingReport> session_id_missing(const SessionReport& session) {
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

const AlertReport* unexpected_message(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(), [&leg](const AlertReport& alert) {
        return alert.sent_by != "proxy" && alert.description.id == kUnexpectedMessage.value &&
               is_fatal(leg, alert);
      });
  return found == leg.alerts.end() ? nullptr : &*found;
}

/// Of one that it receives, our TLS library shows the record only.
const EventReport* change_cipher_spec(const LegReport& leg, std::string_view party) {
  const EventReport* message = first_event(leg, "message", "ChangeCipherSpec", party);
  return message != nullptr ? message : first_event(leg, "record", "change_cipher_spec", party);
}

/// The server that a client refuses sends ours only where the backend sent one, else it is our
/// doing.
std::string_view blamed(const SessionReport& session, const LegSide& side,
                        const AlertReport& alert) {
  if (alert.sent_by == "backend") return side::kBackend;
  const LegSide backend = backend_side(session);
  const bool by_backend = side.direct() || (backend && change_cipher_spec(*backend.leg, "backend"));
  return by_backend ? side::kClient : side::kProxy;
}

/// Who had passed it over said more before its alert, or was sent data: then those may be what it
/// did not expect. Where we end the TLS, the alert's own record looks like data.
bool went_on_after(const LegSide& side, const EventReport& sent, const AlertReport& alert) {
  const LegReport& leg = *side.leg;
  const bool data =
      std::any_of(leg.records.begin(), leg.records.end(),
                  [](const RecordRow& record) { return record.plaintext_length.value_or(0) > 0; });
  return data || std::any_of(leg.events.begin(), leg.events.end(), [&](const EventReport& event) {
           const bool said =
               event.kind == "message" || (side.direct() && event.what == "application_data");
           return said && event.sender == alert.sent_by && event.i > sent.i &&
                  event.i < alert.event;
         });
}

/// The unexpected_message with which a peer answers the flight that begins with the other's
/// ChangeCipherSpec, as the first that it says after it; or null.
const AlertReport* refusal_of_change_cipher_spec(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!leg.server_hello || leg.server_hello->version.id != kTls13.value) return nullptr;
  // Beside a HelloRetryRequest or the hello in answer to it: more know not what to do with those.
  if (is_retry_request(*leg.server_hello)) return nullptr;
  const AlertReport* alert = unexpected_message(leg);
  if (alert == nullptr) return nullptr;
  const std::string_view sender = alert->sent_by == side.server ? side.client : side.server;
  const EventReport* sent = change_cipher_spec(leg, sender);
  if (sent == nullptr || sent->i > alert->event) return nullptr;
  return went_on_after(side, *sent, *alert) ? nullptr : alert;
}

/// RFC 8446 5: such a record "at any time after the first ClientHello message has been sent or
/// received and before the peer's Finished message has been received ... MUST simply" be dropped.
std::optional<FindingReport> change_cipher_spec_refused(const SessionReport& session) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    const AlertReport* alert = side ? refusal_of_change_cipher_spec(side) : nullptr;
    if (alert == nullptr || !speaks_for_client(session, side)) continue;
    const std::string sender(alert->sent_by == side.server ? side.client : side.server);
    FindingReport finding;
    finding.severity = severity::kError;
    finding.side = blamed(session, side, *alert);
    finding.confidence = confidence::kLikely;
    finding.judged_by =
        alert->sent_by == "client" ? judged_by::kClientAlert : judged_by::kBackendAlert;
    finding.title = "The " + alert->sent_by +
                    " refuses the ChangeCipherSpec of TLS 1.3's "
                    "compatibility mode";
    finding.cause =
        "The " + sender +
        " sent the ChangeCipherSpec that TLS 1.3 keeps so that devices on the way take it for an "
        "older version, and what the " +
        alert->sent_by + " sent next is " + alert_words(*alert) +
        ". The record means nothing and must be passed over. TLS stacks written for QUIC, for a "
        "draft of TLS 1.3, or by hand refuse it; so do devices that read TLS 1.3 as TLS 1.2. "
        "Another message of that flight may be the one that was not expected.";
    finding.expected = "the ChangeCipherSpec passed over, and the handshake going on";
    finding.presented = "a fatal " + alert_words(*alert) + " from the " + alert->sent_by;
    finding.remedy =
        "Update the TLS library of the " + alert->sent_by +
        ", or the device in front of it. Until then switch the compatibility mode off at the "
        "client, which then sends no session id, and a server no ChangeCipherSpec (OpenSSL: "
        "s_client -no_middlebox, Options = -MiddleboxCompat; Java: "
        "-Djdk.tls.client.useCompatibilityMode=false), or end at TLS 1.2.";
    finding.evidence.push_back(evidence_of(side.name, *change_cipher_spec(*side.leg, sender)));
    add_alert_evidence(finding, side, *alert);
    add_alert_codes(finding.codes, kUnexpectedMessage.value);
    finding.source = "RFC 8446 5 and D.4";
    return finding;
  }
  return std::nullopt;
}

}  // namespace

/// A ServerHello that breaks another rule as well is bad-server-hello's: one of the two has to
/// lead, and what is wrong with more than the mode says more.
std::optional<FindingReport> diagnose_middlebox_compat(const SessionReport& session,
                                                       const Findings& found) {
  const bool bad = std::any_of(found.begin(), found.end(), [](const FindingReport& finding) {
    return finding.id == "bad-server-hello";
  });
  if (bad) return std::nullopt;
  if (auto finding = session_id_missing(session)) return finding;
  return change_cipher_spec_refused(session);
}

}  // namespace visavis::inspect
