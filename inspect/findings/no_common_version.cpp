#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/comparison.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

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
  const LegSide client = client_side(session);
  if (client && client.leg->client_hello) {
    const std::string range = version_range(*client.leg->client_hello);
    finding.presented = "the client offers " + range;
    add_message_evidence(finding, client, "ClientHello", "ClientHello offers " + range);
  }
  return finding;
}

void add_server_hello(FindingReport& finding, const LegSide& side, const std::string& version) {
  add_message_evidence(finding, side, "ServerHello", "ServerHello chooses " + version);
}

/// True when what the backend was offered is what the client offers.
bool same_offer(const SessionReport& session) {
  if (asked_side(session).direct()) return true;
  if (!session.client_leg || !session.backend_leg) return false;
  const auto& client = session.client_leg->client_hello;
  const auto& proxy = session.backend_leg->client_hello;
  return client && proxy && version_range(*client) == version_range(*proxy);
}

/// The refusal of a hello that has nothing better than SSL 3.0 comes as handshake_failure: alerts
/// of SSL 3.0 have no protocol_version. RFC 6101 5.4.2.
bool is_refusal_of_sslv3(const LegReport& leg, const AlertReport& alert) {
  return alert.description.id == kHandshakeFailure.value && leg.client_hello &&
         !leg.client_hello->supported_versions &&
         leg.client_hello->legacy_version.id == kSsl3.value && !leg.server_hello;
}

/// True when the hello names every version that TLS has.
bool offers_all_of_tls(const ClientHelloReport& hello) {
  constexpr ProtocolVersion kAll[] = {kTls10, kTls11, kTls12, kTls13};
  return std::all_of(std::begin(kAll), std::end(kAll), [&hello](ProtocolVersion version) {
    return listed_contains(hello.supported_versions, code_point(version));
  });
}

/// There is no version left that such a backend could have but SSL 3.0 and older: likelier it
/// stumbles over the newest one in the hello.
void doubt_refusal_of_all(FindingReport& finding) {
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.title = "The backend refuses every TLS version from 1.0 to 1.3";
  finding.cause +=
      " As these are all that there are, it has none of them switched on (SSL 3.0 at best), or, "
      "likelier, it stumbles over the newest (version-intolerance): instead of choosing a lower "
      "one, it refuses a hello that names a version it does not know. One hello can't tell.";
  finding.remedy =
      "Try the client with TLS 1.2 as its maximum (curl --tls-max 1.2, openssl s_client "
      "-no_tls1_3): where that works, the backend, or the load balancer before it, is intolerant "
      "and needs an update, and until then the client a lower maximum for it. Where it fails "
      "too, enable TLS 1.2 and 1.3 on the backend (nginx: ssl_protocols).";
  finding.suspects = {"version-intolerance"};
}

/// The backend refuses all that the hello offered.
std::optional<FindingReport> refused_by_backend(const SessionReport& session, const LegSide& side) {
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  if (alert == nullptr || !speaks_for_client(session, side)) return std::nullopt;
  // Some answer a peer's alert with the same one (GnuTLS): the first of the two has decided.
  const AlertReport* first = fatal_alert(*side.leg, side.client);
  if (first != nullptr && first->event < alert->event) return std::nullopt;
  const bool sslv3 = is_refusal_of_sslv3(*side.leg, *alert);
  if (alert->description.id != kProtocolVersion.value && !sslv3) return std::nullopt;
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kBackendAlert;
  finding.codes.firefox = "SSL_ERROR_PROTOCOL_VERSION_ALERT";
  finding.codes.java = "SSLHandshakeException: Received fatal alert: protocol_version";
  if (!same_offer(session) || sslv3) finding.confidence = confidence::kLikely;
  if (sslv3) {
    finding.codes = {};
    add_alert_codes(finding.codes, alert->description.id);
  }
  finding.expected = "a version that the backend accepts";
  const auto& hello = side.leg->client_hello;
  finding.cause = "The backend refuses every version in the hello" +
                  (hello ? " (" + version_range(*hello) + ")" : std::string()) + " with its own " +
                  alert->description.name.str() + " alert";
  if (!side.direct())
    finding.cause += same_offer(session)
                         ? "; the proxy offered what the client offers"
                         : "; the proxy offered what our TLS library has of the client's offer";
  finding.cause += '.';
  if (hello && offers_all_of_tls(*hello)) doubt_refusal_of_all(finding);
  add_alert_evidence(finding, side, *alert);
  return finding;
}

/// The highest version of the offer; drafts and GREASE are none.
std::uint32_t highest_offered(const ClientHelloReport& hello) {
  if (!hello.supported_versions) return hello.legacy_version.id;
  std::uint32_t highest = 0;
  for (const CodePoint& version : *hello.supported_versions)
    if (version.id <= kTls13.value) highest = std::max(highest, version.id);
  return highest;
}

/// The alert by which the backend refuses a hello that speaks for the client, before any answer.
const AlertReport* refusal_of_hello(const SessionReport& session, const LegSide& side,
                                    AlertDescription description) {
  const LegReport& leg = *side.leg;
  if (!leg.client_hello || leg.server_hello || leg.hello_retry) return nullptr;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert == nullptr || alert->description.id != description.value) return nullptr;
  return speaks_for_client(session, side) ? alert : nullptr;
}

/// "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version
/// supported by the server is higher than the version indicated in ClientHello.client_version, the
/// server MUST respond with a fatal inappropriate_fallback alert" (RFC 7507 3): the backend is
/// right, and the failure to look for is that of the client's first attempt.
std::optional<FindingReport> fallback_refused(const SessionReport& session, const LegSide& side) {
  const AlertReport* alert = refusal_of_hello(session, side, kInappropriateFallback);
  if (alert == nullptr) return std::nullopt;
  const ClientHelloReport& hello = *side.leg->client_hello;
  if (!offers_suite(hello, code_point(kFallbackScsv))) return std::nullopt;
  FindingReport finding = common_part(session);
  finding.side = side::kClient;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "The client retries with an older version, and the backend refuses that";
  finding.cause =
      "The hello carries TLS_FALLBACK_SCSV (0x5600): the client says that it offers less (" +
      version_range(hello) +
      ") than it has, because an earlier attempt failed. The backend has a newer version and "
      "refuses, as it must: " +
      alert_words(*alert) + ". What has to be explained is the earlier attempt.";
  finding.expected = "a hello with the client's newest version";
  finding.remedy =
      "Look for the client's first attempt, a connection or two before this one in the log: its "
      "finding is the cause (a reset on the way, a time-out, an intolerant device). Don't switch "
      "the check off at the backend; switch off the client's fallback where it has a setting.";
  finding.codes = {};
  add_alert_codes(finding.codes, alert->description.id);
  finding.source = "RFC 7507 3";
  add_alert_evidence(finding, side, *alert);
  return finding;
}

/// TLS 1.0 and 1.1 sign with MD5 and SHA-1 only, which OpenSSL 3 bars from security level 1 on: it
/// has the version, finds no signature for it, and says internal_error.
std::optional<FindingReport> no_signature_for_version(const SessionReport& session,
                                                      const LegSide& side) {
  const AlertReport* alert = refusal_of_hello(session, side, kInternalError);
  if (alert == nullptr) return std::nullopt;
  const ClientHelloReport& hello = *side.leg->client_hello;
  const std::uint32_t highest = highest_offered(hello);
  if (highest != kTls10.value && highest != kTls11.value) return std::nullopt;
  FindingReport finding = common_part(session);
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "The backend probably has the client's TLS version, but no signature for it";
  finding.cause =
      "The backend answers a hello that ends at " +
      code_point(ProtocolVersion{static_cast<std::uint16_t>(highest)}).name + " with " +
      alert_words(*alert) +
      " instead of refusing the version. OpenSSL 3 does so where TLS 1.0 or 1.1 is enabled at "
      "security level 1 or higher (its default; Debian and Ubuntu: 2): these versions sign with "
      "MD5 and SHA-1, which the level bars. A broken key or key store at the backend says the "
      "same.";
  finding.expected = "a ServerHello, or protocol_version (70) where the version is not wanted";
  finding.remedy =
      "Bring the client up to TLS 1.2. Where it can't be updated: `@SECLEVEL=0` at the end of the "
      "backend's cipher list (nginx: ssl_ciphers; Apache: SSLCipherSuite) and TLS 1.0 as its "
      "minimum. To rule a broken key out, try the backend with a newer client.";
  finding.codes = {};
  add_alert_codes(finding.codes, alert->description.id);
  finding.source = "RFC 5246 7.4.1.4.1";
  add_alert_evidence(finding, side, *alert);
  return finding;
}

/// True when the hello lists the version by name: then a refusal of it has another reason.
bool offers(const LegReport& leg, const CodePoint& version) {
  return leg.client_hello && listed_contains(leg.client_hello->supported_versions, version);
}

/// True when the version is below all that the hello offers, or would be offered by a client whose
/// hello hides its minimum. One above or between is a fault: bad-server-hello's.
bool is_below_offer(const ClientHelloReport& offer, const CodePoint& chosen) {
  if (!offer.supported_versions) return chosen.id <= offer.legacy_version.id;
  const auto& offered = *offer.supported_versions;
  const auto named = [](const CodePoint& v) { return v.id >= kSsl3.value && v.id <= kTls13.value; };
  return std::all_of(offered.begin(), offered.end(), [&](const CodePoint& version) {
    return !named(version) || version.id > chosen.id;
  });
}

/// The backend chose a version, which the client got, from the backend or from the proxy, and the
/// client refuses it.
std::optional<FindingReport> refused_by_client(const SessionReport& session, const LegSide& side) {
  const LegSide client = client_side(session);
  if (!client || !side.leg->server_hello || client.leg->outcome == "established")
    return std::nullopt;
  const AlertReport* alert = fatal_alert(*client.leg, "client");
  if (alert == nullptr || alert->description.id != kProtocolVersion.value) return std::nullopt;
  const bool mirrored = session.mirror.hello == "mirror" && session.mirror.answer == "mirror";
  if (!side.direct() && !mirrored) return std::nullopt;
  // Only an answer that the client was given can be what it refuses.
  const CodePoint& version = side.leg->server_hello->version;
  const auto& given = client.leg->server_hello;
  if (!given || given->version != version || offers(*client.leg, version)) return std::nullopt;
  const auto& offer = client.leg->client_hello;
  if (offer && !is_below_offer(*offer, version)) return std::nullopt;
  const std::string& chosen = version.name;
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kClientAlert;
  finding.expected = "the backend chose " + chosen + ", the highest that it has for this hello";
  finding.cause = "The backend answers with " + chosen + ", and the client" +
                  (side.direct() ? "" : ", given the same version by the proxy,") +
                  " refuses it with its own protocol_version alert: its minimum is higher.";
  add_server_hello(finding, side, chosen);
  add_alert_evidence(finding, client, *alert);
  return finding;
}

/// The backend chose a version that the client's hello did not offer. Where we stand between, our
/// library refused it as the client, bound by the same list, would.
std::optional<FindingReport> chosen_outside_offer(const SessionReport& session,
                                                  const LegSide& side) {
  const LegSide client = client_side(session);
  if (!side.leg->server_hello || !client) return std::nullopt;
  const auto& offer = client.leg->client_hello;
  if (!offer || !offer->supported_versions) return std::nullopt;
  const CodePoint& chosen = side.leg->server_hello->version;
  if (offers(*client.leg, chosen)) return std::nullopt;
  if (!is_below_offer(*offer, chosen) || side.leg->hello_retry) return std::nullopt;
  const bool asked_the_same = speaks_for_client(session, side) && same_offer(session);
  FindingReport finding = common_part(session);
  finding.judged_by = judged_by::kProxyCheck;
  // With a hello of our own the backend was asked something else: its choice says what its highest
  // is.
  finding.confidence = asked_the_same ? confidence::kProven : confidence::kLikely;
  finding.expected = "the backend chose " + chosen.name;
  finding.cause =
      asked_the_same
          ? "The backend answers with " + chosen.name + ", which the client does not offer."
          : "Offered other versions by the proxy's own hello than by the client's, the backend "
            "chose " +
                chosen.name +
                ", which the client does not offer: where it works here, the proxy "
                "speaks a different version with each.";
  add_server_hello(finding, side, chosen.name);
  if (const AlertReport* alert = fatal_alert(*client.leg, "client"))
    add_alert_evidence(finding, client, *alert);
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_no_common_version(const SessionReport& session) {
  const LegSide side = asked_side(session);
  if (!side) return std::nullopt;
  // A handshake that came about over the direct leg had a version.
  if (side.direct() && side.leg->outcome == "established") return std::nullopt;
  if (side.leg->outcome != "established") {
    if (auto finding = refused_by_backend(session, side)) return finding;
    if (auto finding = fallback_refused(session, side)) return finding;
    if (auto finding = no_signature_for_version(session, side)) return finding;
  }
  if (auto finding = refused_by_client(session, side)) return finding;
  return chosen_outside_offer(session, side);
}

}  // namespace visavis::inspect
