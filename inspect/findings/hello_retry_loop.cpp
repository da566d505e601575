#include "inspect/codepoint/alert.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

/// What is wrong with the HelloRetryRequest, as the end of "the backend ..."; empty: nothing.
std::string complaint(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (count_messages(leg, "HelloRetryRequest", side.server) > 1)
    return "sends a second HelloRetryRequest";
  const auto& request = leg.server_hello;
  if (!request || !is_retry_request(*request) || !request->key_share_group) return {};
  const CodePoint& group = *request->key_share_group;
  const ClientHelloReport& offer = *leg.client_hello;
  if (listed_contains(offer.key_share_groups, group))
    return "asks by HelloRetryRequest for a key share of " + group.name +
           ", which the hello has already";
  if (offer.groups && !listed_contains(offer.groups, group))
    return "asks by HelloRetryRequest for the group " + group.name +
           ", which the client does not offer";
  return {};
}

}  // namespace

/// "If a client receives a second HelloRetryRequest in the same connection ... it MUST abort the
/// handshake with an 'unexpected_message' alert", and with illegal_parameter where the selected
/// group was not offered, or had a key share. RFC 8446 4.1.4, 4.2.8.
std::optional<FindingReport> diagnose_hello_retry_loop(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->hello_retry || side.leg->outcome == "established") return std::nullopt;
  if (!side.leg->client_hello) return std::nullopt;
  const std::string what = complaint(side);
  if (what.empty()) return std::nullopt;
  const bool second = what.starts_with("sends");

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = speaks_for_client(session, side) ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend " + what;
  finding.cause =
      "The backend " + what +
      ". A hello can be asked for again once, and only to change something: every client breaks "
      "off. Known of servers behind a load balancer that sends the second hello to another of "
      "them, and of TLS libraries with a fault.";
  finding.expected = second ? "a ServerHello to the second ClientHello"
                            : "a group that is offered, and without a key share";
  finding.presented = second ? "HelloRetryRequest again" : "HelloRetryRequest";
  finding.remedy =
      "Update the backend's TLS library, and give all servers behind one address the same list of "
      "groups. Until then let the client send a key share of a group that the backend takes at "
      "once (secp256r1, x25519), or end at TLS 1.2.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client));
  add_message_evidence(finding, side, "HelloRetryRequest", "HelloRetryRequest of the backend");
  if (const AlertReport* alert = fatal_alert(*side.leg, "client")) {
    finding.judged_by = judged_by::kClientAlert;
    add_alert_evidence(finding, side, *alert);
  }
  finding.codes.alert = second ? kUnexpectedMessage.value : kIllegalParameter.value;
  finding.codes.hresult = "0x80090326";
  finding.codes.schannel_event = 36888;
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox =
      second ? "SSL_ERROR_RX_UNEXPECTED_HELLO_RETRY_REQUEST" : "SSL_ERROR_BAD_2ND_CLIENT_HELLO";
  finding.source = second ? "RFC 8446 4.1.4" : "RFC 8446 4.2.8";
  return finding;
}

}  // namespace visavis::inspect
