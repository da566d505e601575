#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/comparison.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

FindingReport common_part(const SessionReport& session) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.confidence = confidence::kProven;
  finding.title = "Client and backend share no TLS version";
  finding.remedy =
      "Enable on the backend a version that the client offers (Windows: "
      "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\<version>"
      "\\Server, "
      "Enabled=1; nginx: ssl_protocols), or, where it can't be updated, allow the older version in "
      "this client.";
  finding.codes.alert = kProtocolVersion.value;
  finding.codes.hresult = "0x80090302";
  finding.codes.schannel_event = 36887;
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_UNSUPPORTED_VERSION";
  finding.codes.java =
      "SSLHandshakeException: The server selected protocol version ... is not accepted by client "
      "preferences";
  finding.source = "RFC 8446 6.2";
  if (session.client_leg && session.client_leg->client_hello) {
    finding.presented = "the client offers " + version_range(*session.client_leg->client_hello);
    if (const EventReport* hello = first_event(*session.client_leg, "message", "ClientHello"))
      finding.evidence.push_back(
          evidence_of("client_leg", *hello,
                      "ClientHello offers " + version_range(*session.client_leg->client_hello)));
  }
  return finding;
}

void add_alert(FindingReport& finding, std::string_view leg, const AlertReport& alert) {
  finding.evidence.push_back({std::string(leg), alert.event,
                              "fatal protocol_version (70) received from the " + alert.sent_by});
}

void add_server_hello(FindingReport& finding, const LegReport& leg, std::string_view leg_name,
                      const std::string& what) {
  if (const EventReport* hello = first_event(leg, "message", "ServerHello"))
    finding.evidence.push_back(evidence_of(leg_name, *hello, what));
}

/// True when the proxy's hello offered the backend the versions that the client offers.
bool same_offer(const SessionReport& session) {
  if (!session.client_leg || !session.backend_leg) return false;
  const auto& client = session.client_leg->client_hello;
  const auto& proxy = session.backend_leg->client_hello;
  return client && proxy && version_range(*client) == version_range(*proxy);
}

/// The backend refuses all that the hello offered. Only a mirrored hello speaks for the client.
std::optional<FindingReport> refused_by_backend(const SessionReport& session) {
  const AlertReport* alert = fatal_alert(session.backend_leg, "backend", kProtocolVersion.value);
  if (alert == nullptr || session.mirror.hello != "mirror") return std::nullopt;
  if (session.backend_leg->outcome == "established") return std::nullopt;
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kBackendAlert;
  finding.codes.firefox = "SSL_ERROR_PROTOCOL_VERSION_ALERT";
  finding.codes.java = "SSLHandshakeException: Received fatal alert: protocol_version";
  if (!same_offer(session)) finding.confidence = confidence::kLikely;
  finding.expected = "a version that the backend accepts";
  const auto& hello = session.backend_leg->client_hello;
  finding.cause = "The backend refuses every version in the hello" +
                  (hello ? " (" + version_range(*hello) + ")" : std::string()) +
                  " with its own protocol_version alert; the proxy offered " +
                  (same_offer(session) ? "what the client offers."
                                       : "what our TLS library has of the client's offer.");
  add_alert(finding, "backend_leg", *alert);
  return finding;
}

/// True when the hello lists the version by name: then a refusal of it has another reason.
bool offers(const LegReport& leg, const CodePoint& version) {
  if (!leg.client_hello || !leg.client_hello->supported_versions) return false;
  const auto& offered = *leg.client_hello->supported_versions;
  return std::find(offered.begin(), offered.end(), version) != offered.end();
}

/// The backend chose a version, the proxy answered with the same, and the client refuses it.
std::optional<FindingReport> refused_by_client(const SessionReport& session) {
  const AlertReport* alert = fatal_alert(session.client_leg, "client", kProtocolVersion.value);
  if (alert == nullptr || !session.backend_leg || !session.backend_leg->server_hello)
    return std::nullopt;
  if (session.mirror.hello != "mirror" || session.mirror.answer != "mirror") return std::nullopt;
  if (session.client_leg->outcome == "established") return std::nullopt;
  // Only an answer that the client was given can be what it refuses.
  const CodePoint& version = session.backend_leg->server_hello->version;
  const auto& given = session.client_leg->server_hello;
  if (!given || given->version != version || offers(*session.client_leg, version))
    return std::nullopt;
  const std::string& chosen = version.name;
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kClientAlert;
  finding.expected = "the backend chose " + chosen + ", the highest that it has for this hello";
  finding.cause = "The backend answers with " + chosen +
                  ", and the client, given the same version by the proxy, refuses it with its own "
                  "protocol_version alert: its minimum is higher.";
  add_server_hello(finding, *session.backend_leg, "backend_leg", "ServerHello chooses " + chosen);
  add_alert(finding, "client_leg", *alert);
  return finding;
}

/// The backend chose a version that the mirrored hello did not offer; our library refused it as the
/// client, bound by the same list, would.
std::optional<FindingReport> chosen_outside_offer(const SessionReport& session) {
  if (!session.backend_leg || !session.backend_leg->server_hello || !session.client_leg)
    return std::nullopt;
  const auto& offer = session.client_leg->client_hello;
  if (!offer || !offer->supported_versions) return std::nullopt;
  const CodePoint& chosen = session.backend_leg->server_hello->version;
  const auto& offered = *offer->supported_versions;
  if (offers(*session.client_leg, chosen)) return std::nullopt;
  const auto named = [](const CodePoint& v) { return v.id >= kSsl3.value && v.id <= kTls13.value; };
  const bool below_all = std::all_of(offered.begin(), offered.end(), [&](const CodePoint& version) {
    return !named(version) || version.id > chosen.id;
  });
  if (!below_all || session.backend_leg->hello_retry) return std::nullopt;
  const bool mirrored = session.mirror.hello == "mirror" && same_offer(session);
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kProxyCheck;
  // With a hello of our own the backend was asked something else: its choice says what its highest
  // is.
  finding.confidence = mirrored ? confidence::kProven : confidence::kLikely;
  finding.expected = "the backend chose " + chosen.name;
  finding.cause =
      mirrored
          ? "The backend answers with " + chosen.name + ", which the client does not offer."
          : "Offered other versions by the proxy's own hello than by the client's, the backend "
            "chose " +
                chosen.name +
                ", which the client does not offer: where it works here, the proxy "
                "speaks a different version with each.";
  add_server_hello(finding, *session.backend_leg, "backend_leg",
                   "ServerHello chooses " + chosen.name);
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_no_common_version(const SessionReport& session) {
  if (auto finding = refused_by_backend(session)) return finding;
  if (auto finding = refused_by_client(session)) return finding;
  return chosen_outside_offer(session);
}

}  // namespace visavis::inspect
