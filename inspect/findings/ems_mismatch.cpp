#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/after_handshake.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/misfit.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

bool has_master_secret(const std::vector<CodePoint>& extensions) {
  return listed_contains(extensions, code_point(kExtendedMasterSecret));
}

FindingReport common_part(const LegSide& side, const AlertReport* alert) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.confidence = confidence::kLikely;
  finding.judged_by = alert == nullptr             ? judged_by::kProxyCheck
                      : alert->sent_by == "client" ? judged_by::kClientAlert
                      : alert->sent_by == "proxy"  ? judged_by::kProxyCheck
                                                   : judged_by::kBackendAlert;
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client) +
                           (has_master_secret(side.leg->client_hello->extensions)
                                ? " with extended_master_secret"
                                : " without extended_master_secret"));
  if (side.leg->server_hello)
    add_message_evidence(
        finding, side, "ServerHello",
        "ServerHello of the " + std::string(side.server) + " without extended_master_secret");
  if (alert != nullptr)
    add_alert_evidence(finding, side, *alert);
  else
    add_close_evidence(finding, side);
  add_alert_codes(finding.codes, kHandshakeFailure.value);
  return finding;
}

/// "If the original session used the 'extended_master_secret' extension but the new ServerHello
/// does not contain the extension, the client MUST abort the handshake": RFC 7627 5.3.
std::optional<FindingReport> resumed_without(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (leg.outcome != "failed" || is_stopped(leg) || !drops_master_secret(leg)) return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, side.client);
  const bool broken = alert != nullptr || leg.failure || ended_by(leg, "backend");
  if (!broken) return std::nullopt;
  FindingReport finding = common_part(side, alert);
  finding.side = side::kBackend;
  finding.title = "The backend resumes a session without extended_master_secret";
  finding.cause =
      "The client asked to resume a session with extended_master_secret, the backend accepted it "
      "without, and the handshake broke off. A session made with the extension must not be resumed "
      "without it: the members of a server farm are not alike, or something between takes the "
      "extension out.";
  finding.expected = "a ServerHello with extended_master_secret, or a full handshake";
  finding.presented = "a resumption without it";
  finding.remedy =
      "Give all members of the backend's farm the same TLS library and settings, and look at what "
      "stands between; until then switch resumption off on either side (nginx: ssl_session_tickets "
      "off, ssl_session_cache off; openssl s_client without -sess_in).";
  finding.source = "RFC 7627 5.3";
  return finding;
}

/// "If the original session used the extension but the new ClientHello does not contain it, the
/// server MUST abort the abbreviated handshake": RFC 7627 5.3. That the original did is not seen.
std::optional<FindingReport> offered_without(const SessionReport& session, const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (leg.outcome == "established" || leg.server_hello || leg.hello_retry ||
      !resumption_offered(leg) || leg.client_hello->psk_identities > 0 ||
      has_master_secret(leg.client_hello->extensions) || !speaks_for_client(session, side))
    return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert == nullptr || alert->description.id != kHandshakeFailure.value) return std::nullopt;
  FindingReport finding = common_part(side, alert);
  finding.side = side::kClient;
  finding.title = "The client offers to resume a session, without extended_master_secret";
  finding.cause =
      "The hello offers an earlier session and has no extended_master_secret, and the backend "
      "breaks off with " +
      alert_words(*alert) +
      ". A session that was made with the extension must not be resumed without it; a server that "
      "finds it so has to break off (OpenSSL, Java). So it goes where a client comes again with "
      "other settings than before (after a fallback to an older version, or two programs that "
      "share a session), and where something between takes the extension out. A server that wants "
      "the extension always refuses in the same way. The first visit of this session is not seen "
      "here.";
  finding.expected = "extended_master_secret in the hello, as the first time";
  finding.presented = "a hello with an earlier session and without the extension";
  finding.remedy =
      "Let the client forget its sessions (restart it), and offer the extension always or never "
      "(OpenSSL: ExtendedMasterSecret in openssl.cnf; Java: jdk.tls.useExtendedMasterSecret; "
      "GnuTLS: %NO_SESSION_HASH takes it out).";
  finding.source = "RFC 7627 5.3";
  return finding;
}

/// "It SHOULD abort the handshake if it does not wish to interoperate with legacy clients": RFC
/// 7627 5.2. Everything else in the offer is what any backend has.
std::optional<FindingReport> wanted_by_backend(const SessionReport& session, const LegSide& side) {
  if (misfit_of_refusal(session) != Misfit::master_secret) return std::nullopt;
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  FindingReport finding = common_part(side, alert);
  finding.side = side::kClient;
  finding.title = "The backend probably insists on extended_master_secret, which the client lacks";
  finding.cause =
      "The backend answers the hello with its own " + alert_words(*alert) +
      " and no ServerHello. Suites, groups and signature schemes of the hello are what every "
      "backend has; what it lacks is extended_master_secret (RFC 7627, 2015). Backends that insist "
      "on it: OpenSSL, GnuTLS and NSS of Red Hat and Oracle Linux 9 in FIPS mode, Java with "
      "jdk.tls.allowLegacyMasterSecret=false. Clients without: Go before 1.21, Windows up to 8.1 "
      "without MS15-121, Java before 8u161, GnuTLS with %NO_SESSION_HASH.";
  finding.expected = "extended_master_secret in the hello";
  finding.presented = "a hello up to TLS 1.2 without it";
  finding.remedy =
      "Update the client, or let it speak TLS 1.3, which needs no such extension; or let the "
      "backend take clients without it, if policy allows (Java: "
      "-Djdk.tls.allowLegacyMasterSecret=true; Red Hat and Oracle Linux: the crypto policy "
      "FIPS:NO-ENFORCE-EMS).";
  finding.source = "RFC 7627 5.2";
  return finding;
}

/// The client's half of the same rule. OpenSSL's own refusal of a server without secure
/// renegotiation looks the same.
std::optional<FindingReport> wanted_by_client(const LegSide& side, const LegSide& client) {
  const auto lacks = [](const LegReport& leg) {
    return leg.client_hello && leg.server_hello && leg.server_hello->version.id <= kTls12.value &&
           has_master_secret(leg.client_hello->extensions) &&
           !has_master_secret(leg.server_hello->extensions);
  };
  if (!client || !lacks(*side.leg) || !lacks(*client.leg)) return std::nullopt;
  const LegReport& leg = *client.leg;
  if (leg.outcome == "established" || resumption_accepted(leg) ||
      count_messages(leg, "ClientKeyExchange", "client") > 0 ||
      !listed_contains(leg.server_hello->extensions, code_point(kRenegotiationInfo)))
    return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, "client");
  if (alert == nullptr || alert->description.id != kHandshakeFailure.value) return std::nullopt;
  FindingReport finding = common_part(client, alert);
  finding.side = side::kBackend;
  finding.title = "The client probably insists on extended_master_secret, which the backend lacks";
  finding.cause =
      "The client offers extended_master_secret (RFC 7627, 2015), the backend's ServerHello is "
      "without, and the client breaks off with " +
      alert_words(*alert) +
      " before it sends its key. Java with jdk.tls.allowLegacyMasterSecret=false and clients in "
      "FIPS mode insist on it. Other things in that flight may displease it, too; the alert does "
      "not say.";
  finding.expected = "extended_master_secret in the ServerHello";
  finding.presented = "a ServerHello without it";
  finding.remedy =
      "Update the backend's TLS library (OpenSSL from 1.1.0, SChannel with MS15-121, Java 8u161), "
      "or let it speak TLS 1.3; or let the client take servers without it, if policy allows (Java: "
      "-Djdk.tls.allowLegacyMasterSecret=true).";
  finding.source = "RFC 7627 5.2";
  return finding;
}

}  // namespace

/// Extended master secret, RFC 7627: one side has it or had it, and the other does not go along.
std::optional<FindingReport> diagnose_ems_mismatch(const SessionReport& session,
                                                   const Findings& found) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->client_hello) return std::nullopt;
  if (auto finding = resumed_without(side)) return finding;
  if (explained(found)) return std::nullopt;
  if (auto finding = offered_without(session, side)) return finding;
  if (auto finding = wanted_by_backend(session, side)) return finding;
  return wanted_by_client(side, client_side(session));
}

}  // namespace visavis::inspect
