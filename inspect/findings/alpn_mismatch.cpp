#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr AlertDescription kNoApplicationProtocol{120};
constexpr std::size_t kMostProtocols = 6;

FindingReport common_part(const LegSide& side, const std::vector<std::string>& offered) {
  FindingReport finding;
  finding.side = side::kBoth;
  finding.expected = "a protocol of the client's list";
  finding.presented = "the client offers " + listed(offered, kMostProtocols);
  finding.remedy =
      "Enable one of the offered protocols at the backend (nginx: http2 on; Apache: Protocols h2 "
      "http/1.1; Java: SSLParameters.setApplicationProtocols; HAProxy: alpn), or let the client "
      "offer what the backend speaks, as a rule http/1.1 besides h2.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello offers " + listed(offered, kMostProtocols));
  finding.source = "RFC 7301 3.2";
  return finding;
}

bool offers_http1(const std::vector<std::string>& offered) {
  return std::any_of(offered.begin(), offered.end(),
                     [](const std::string& protocol) { return protocol.starts_with("http/1."); });
}

std::optional<FindingReport> refused(const SessionReport& session, const LegSide& side) {
  const LegReport& leg = *side.leg;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (leg.outcome == "established" || alert == nullptr ||
      alert->description.id != kNoApplicationProtocol.value)
    return std::nullopt;
  FindingReport finding = common_part(side, *leg.client_hello->alpn);
  finding.severity = severity::kError;
  finding.confidence = speaks_for_client(session, side) ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "Client and backend share no application protocol (ALPN)";
  finding.cause = "The client offers " + listed(*leg.client_hello->alpn, kMostProtocols) +
                  " by ALPN, and the backend answers with its own " + alert_words(*alert) +
                  ": it speaks none of them. A backend that is less strict goes on without a "
                  "choice, and the client decides.";
  add_alert_evidence(finding, side, *alert);
  add_alert_codes(finding.codes, alert->description.id);
  return finding;
}

/// What the backend chose, in words: the client leg has the same.
std::string choice(const LegReport& leg) {
  const auto& chosen = leg.established    ? leg.established->alpn
                       : leg.server_hello ? leg.server_hello->alpn
                                          : std::nullopt;
  return chosen ? "chooses '" + *chosen + "'" : std::string("chooses none of them");
}

/// A client that says why it leaves.
std::optional<FindingReport> refused_by_client(const SessionReport& session, const LegSide& side) {
  const LegSide client = client_side(session);
  if (!client || !client.leg->client_hello || !client.leg->client_hello->alpn ||
      !client.leg->server_hello)
    return std::nullopt;
  const LegReport& leg = *client.leg;
  const AlertReport* alert = fatal_alert(leg, "client");
  if (alert == nullptr || alert->description.id != kNoApplicationProtocol.value)
    return std::nullopt;
  const auto& offered = *leg.client_hello->alpn;
  FindingReport finding = common_part(client, offered);
  finding.severity = severity::kError;
  finding.confidence = client.direct() || session.mirror.answer == "mirror" ? confidence::kProven
                                                                            : confidence::kLikely;
  finding.judged_by = judged_by::kClientAlert;
  finding.title = "The client does not go on with the application protocol that was chosen (ALPN)";
  finding.cause = "The client offers " + listed(offered, kMostProtocols) +
                  " by ALPN, the backend " + choice(*side.leg) +
                  ", and the client leaves with its own " + alert_words(*alert) +
                  ". Clients that speak one protocol only do so: gRPC needs h2.";
  add_alert_evidence(finding, client, *alert);
  add_alert_codes(finding.codes, alert->description.id);
  return finding;
}

/// Nothing was asked and nothing answered. What went through untouched can be counted only where
/// data is told from the rest of what is encrypted.
bool is_unused(const SessionReport& session, const LegSide& client) {
  if (!client.direct())
    return session.client_to_backend_bytes == 0 && session.backend_to_client_bytes == 0;
  const auto& records = client.leg->records;
  return client.leg->established->version.id < kTls13.value &&
         std::none_of(records.begin(), records.end(), [](const RecordRow& record) {
           return record.content_type == kApplicationData.value;
         });
}

/// A client that can speak nothing but what it offered gets no choice, and leaves a good handshake
/// without a word.
std::optional<FindingReport> left(const SessionReport& session, const LegSide& side) {
  const LegSide client = client_side(session);
  if (!client) return std::nullopt;
  const LegReport& leg = *client.leg;
  if (leg.outcome != "established" || !leg.established || leg.established->alpn ||
      side.leg->outcome != "established" || side.leg->established->alpn)
    return std::nullopt;
  const auto& offered = leg.client_hello->alpn;
  if (!offered || offers_http1(*offered) || !is_unused(session, client)) return std::nullopt;
  if (!leg.close || leg.close->by != "client" || !closed_at_once(leg)) return std::nullopt;
  FindingReport finding = common_part(side, *offered);
  finding.severity = severity::kWarning;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend takes none of the client's protocols (ALPN), and the client leaves";
  finding.cause =
      "The client offers " + listed(*offered, kMostProtocols) +
      " by ALPN and no HTTP/1.1; the backend chooses none, the handshake comes about, and the "
      "client closes without a request. Clients that speak one protocol only do so: gRPC needs h2.";
  add_close_evidence(finding, client);
  finding.codes.hresult = "0x80090367";
  finding.codes.java = "SSLHandshakeException: Received fatal alert: no_application_protocol";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_alpn_mismatch(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->client_hello || !side.leg->client_hello->alpn) return std::nullopt;
  if (auto finding = refused(session, side)) return finding;
  if (auto finding = refused_by_client(session, side)) return finding;
  return left(session, side);
}

}  // namespace visavis::inspect
