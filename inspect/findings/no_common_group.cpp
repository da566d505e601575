#include "inspect/codepoint/alert.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/misfit.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMostGroups = 6;

std::string groups_of(const ClientHelloReport& hello) {
  return hello.groups ? listed(*hello.groups, kMostGroups) : std::string("no list of groups");
}

FindingReport common_part(const LegSide& side) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.presented = "the client offers " + groups_of(*side.leg->client_hello);
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client) + " with the groups " +
                           groups_of(*side.leg->client_hello));
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  finding.codes.hresult = "0x80090326";
  return finding;
}

/// The ServerKeyExchange names a curve that the hello does not: "the server MUST NOT negotiate the
/// use of" one outside the list. RFC 8422 5.1.
std::optional<FindingReport> chosen_outside_offer(const SessionReport& session,
                                                  const LegSide& side) {
  const LegReport& leg = *side.leg;
  const auto& offer = leg.client_hello->groups;
  if (!leg.key_exchange_group || !offer || leg.hello_retry || !leg.server_hello)
    return std::nullopt;
  const CodePoint& chosen = *leg.key_exchange_group;
  const bool tls13 = leg.server_hello->key_share_group.has_value();  // bad-server-hello's
  if (tls13 || listed_contains(*offer, chosen)) return std::nullopt;
  if (count_messages(leg, "ClientKeyExchange", side.client) > 0) return std::nullopt;  // was taken
  const LegSide client = client_side(session);
  const bool known = client && client.leg->client_hello && client.leg->client_hello->groups;
  if (known && listed_contains(client.leg->client_hello->groups, chosen)) return std::nullopt;
  FindingReport finding = common_part(side);
  finding.side = side::kBackend;
  // A client without a list takes any group (RFC 8422 4).
  const bool proven = known && speaks_for_client(session, side);
  finding.confidence = proven ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend uses a group that the client does not offer";
  finding.cause = "The backend's ServerKeyExchange is of " + chosen.name +
                  ", which is not in the hello's list of groups; " +
                  (side.direct() ? "the client breaks off."
                                 : "the proxy's TLS library breaks off, as every client does.") +
                  " Old servers know one curve and never look at the list.";
  finding.expected = "a group of the client's list";
  finding.remedy = "Update the backend, or switch its ECDHE suites off for clients without " +
                   chosen.name + "; or let the client offer this group.";
  add_message_evidence(finding, side, "ServerKeyExchange", "ServerKeyExchange of " + chosen.name);
  finding.codes.alert = kIllegalParameter.value;
  if (const AlertReport* alert = fatal_alert(leg, "client")) {
    finding.judged_by = judged_by::kClientAlert;
    finding.codes.alert = static_cast<int>(alert->description.id);
    add_alert_evidence(finding, side, *alert);
  }
  finding.codes.schannel_event = 36888;
  finding.codes.firefox = "SSL_ERROR_UNSUPPORTED_ELLIPTIC_CURVE";
  finding.source = "RFC 8422 5.1";
  return finding;
}

/// handshake_failure to a hello with ordinary suites that lacks the one group everybody has.
std::optional<FindingReport> refused_by_backend(const SessionReport& session, const LegSide& side) {
  if (misfit_of_refusal(session) != Misfit::group) return std::nullopt;
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  FindingReport finding = common_part(side);
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "Client and backend probably share no key exchange group";
  finding.cause =
      "The backend answers the hello with its own " + alert_words(*alert) +
      ". The offered suites are such as every backend has, but the groups are not: secp256r1 "
      "(P-256), which every implementation must have, is missing. The alert itself does not say "
      "what did not fit; suites, signature schemes and the server name are the other reasons.";
  finding.expected = "a group of the backend's";
  finding.remedy =
      "Enable one of the client's groups on the backend (nginx: ssl_ecdh_curve; Apache: "
      "SSLOpenSSLConfCmd Groups; Windows: the group policy ECC Curve Order, Enable-TlsEccCurve; "
      "Java: jdk.tls.namedGroups), or let the client offer secp256r1.";
  add_alert_evidence(finding, side, *alert);
  add_alert_codes(finding.codes, alert->description.id);
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  finding.source = "RFC 8446 4.1.1";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_no_common_group(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || side.leg->outcome == "established" || !side.leg->client_hello) return std::nullopt;
  if (auto finding = chosen_outside_offer(session, side)) return finding;
  return refused_by_backend(session, side);
}

}  // namespace visavis::inspect
