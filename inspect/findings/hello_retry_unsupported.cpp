#include "inspect/codepoint/alert.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr AlertDescription kDecryptError{51};  ///< a PSK's binder: another matter

FindingReport common_part(const LegSide& side) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.confidence = confidence::kLikely;
  add_message_evidence(finding, side, "HelloRetryRequest",
                       "HelloRetryRequest of the " + std::string(side.server));
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.source = "RFC 8446 4.1.4";
  return finding;
}

/// The leg ended with a HelloRetryRequest as the last that its server said of a hello.
bool stopped_at_retry(const LegSide& side) {
  if (!side || !side.leg->hello_retry || side.leg->outcome == "established") return false;
  const auto& answer = side.leg->server_hello;
  return answer && is_retry_request(*answer) && side.leg->client_hello;
}

void add_end(FindingReport& finding, const LegSide& side, const AlertReport* alert) {
  if (alert != nullptr) {
    add_alert_codes(finding.codes, alert->description.id);
    add_alert_evidence(finding, side, *alert);
    finding.presented = "a fatal " + alert_words(*alert);
    return;
  }
  add_close_evidence(finding, side);
  finding.codes.hresult = "0x80090326";
  finding.presented = side.leg->close->how == "rst" ? "RST" : "FIN";
}

/// It asked for a second hello, got it, and does not take it.
std::optional<FindingReport> by_backend(const LegSide& side) {
  if (count_messages(*side.leg, "ClientHello", side.client) < 2) return std::nullopt;
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  if (alert == nullptr && !ended_by(*side.leg, "backend")) return std::nullopt;
  if (alert != nullptr && alert->description.id == kDecryptError.value) return std::nullopt;
  FindingReport finding = common_part(side);
  finding.side = side::kBackend;
  finding.judged_by = judged_by::kBackendAlert;
  if (alert == nullptr) finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend asks for a second ClientHello and then refuses it";
  finding.cause =
      "The backend asked by HelloRetryRequest for another key share, got it in a second "
      "ClientHello, and " +
      (alert != nullptr ? "answers with " + alert_words(*alert)
                        : std::string(close_words(*side.leg->close))) +
      ". Usual reasons: a load balancer sends the second hello to another server, a filter on the "
      "way takes it for a fault, or the backend's own support of HelloRetryRequest is broken.";
  finding.expected = "a ServerHello to the second ClientHello";
  finding.remedy =
      "Update the backend or the device before it, and try it without that device. Until then let "
      "the backend take a group for which clients send a key share at once (x25519, secp256r1), "
      "or end at TLS 1.2.";
  add_message_evidence(finding, side, "ClientHello",
                       "the first ClientHello of the " + std::string(side.client));
  add_end(finding, side, alert);
  return finding;
}

/// It got a HelloRetryRequest that breaks no rule, and leaves.
std::optional<FindingReport> by_client(const LegSide& side) {
  if (count_messages(*side.leg, "ClientHello", "client") > 1) return std::nullopt;
  const AlertReport* alert = fatal_alert(*side.leg, "client");
  if (alert == nullptr && !(ended_by(*side.leg, "client") && closed_at_once(*side.leg)))
    return std::nullopt;
  FindingReport finding = common_part(side);
  finding.side = side::kClient;
  finding.judged_by = alert != nullptr ? judged_by::kClientAlert : judged_by::kProxyCheck;
  finding.title = "The client does not take a HelloRetryRequest";
  finding.cause =
      "Asked for a key share of another of its own groups, the client " +
      (alert != nullptr ? "answers with " + alert_words(*alert)
                        : std::string(close_words(*side.leg->close))) +
      " instead of a second ClientHello. Some clients, and filters on the way, were only ever "
      "tried against servers that take the first key share.";
  finding.expected = "a second ClientHello";
  finding.remedy =
      "Update the client. Until then let the backend take a group for which this client sends a "
      "key share at once, or end at TLS 1.2.";
  add_end(finding, side, alert);
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_hello_retry_unsupported(const SessionReport& session) {
  if (diagnose_hello_retry_loop(session)) return std::nullopt;  // then leaving is right
  const LegSide backend = backend_side(session);
  if (stopped_at_retry(backend))
    if (auto finding = by_backend(backend)) return finding;
  const LegSide client = client_side(session);
  return stopped_at_retry(client) ? by_client(client) : std::nullopt;
}

}  // namespace visavis::inspect
