#include <algorithm>
#include <array>

#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kDecryptError = 51;
constexpr std::uint32_t kIllegalParameter = 47;

/// What a backend that stumbles over a ticket, a session id or a pre-shared key says of it.
constexpr std::array<std::uint32_t, 6> kStumbles{10, 20, 40, 47, 50, 80};

/// What became of the attempt.
enum class Failure {
  refused_binder,   ///< TLS 1.3: the proof that the client has the key does not verify
  not_passed_over,  ///< broken off where a full handshake was due
  after_accepted
};

/// A hello's binder is the only thing in it that can be verified: RFC 8446 4.2.11.
bool is_of_binder(const LegReport& leg, const AlertReport* alert) {
  if (alert == nullptr || leg.server_hello || leg.client_hello->psk_identities == 0) return false;
  return alert->sent_by == "backend" &&
         (alert->description.id == kDecryptError || alert->description.id == kIllegalParameter);
}

/// In a hello of TLS 1.0 alert 80 is OpenSSL's want of a signature algorithm: no-common-version's.
bool is_stumble(const LegReport& leg, const AlertReport& alert) {
  constexpr std::uint32_t kInternal = 80;
  if (alert.sent_by != "backend") return false;
  if (alert.description.id == kInternal && leg.client_hello->legacy_version.id < kTls12.value)
    return false;
  return std::find(kStumbles.begin(), kStumbles.end(), alert.description.id) != kStumbles.end();
}

/// A server that does not want to resume "simply" makes a full handshake: RFC 5246 7.3, RFC 5077
/// 3.1. Without extended_master_secret it may have to break off, which is ems-mismatch's.
bool is_broken_off(const LegReport& leg, const AlertReport* alert) {
  if (leg.server_hello || leg.hello_retry || !leg.malformed.empty() || !resumption_offered(leg))
    return false;
  if (alert == nullptr) return leg.raw_s2c.empty() && ended_by(leg, "backend");
  const bool ems = listed_contains(leg.client_hello->extensions, code_point(kExtendedMasterSecret));
  constexpr std::uint32_t kHandshakeFailureNumber = 40;
  if (!ems && leg.client_hello->psk_identities == 0 &&
      alert->description.id == kHandshakeFailureNumber)
    return false;
  return is_stumble(leg, *alert);
}

std::optional<Failure> failure_of(const LegReport& leg, const AlertReport* alert) {
  if (leg.outcome != "failed" || !leg.client_hello || is_stopped(leg)) return std::nullopt;
  if (is_of_binder(leg, alert)) return Failure::refused_binder;
  if (is_broken_off(leg, alert)) return Failure::not_passed_over;
  if (!resumption_accepted(leg) || drops_master_secret(leg)) return std::nullopt;
  // A client that leaves in the middle of a handshake may have its own reasons.
  const bool broken = alert != nullptr || leg.failure ||
                      (leg.close && (leg.close->by == "backend" || leg.close->how == "timeout"));
  return broken ? std::optional(Failure::after_accepted) : std::nullopt;
}

std::string title(Failure failure) {
  if (failure == Failure::refused_binder)
    return "The backend can't verify the session that the client wants to resume";
  if (failure == Failure::not_passed_over)
    return "The backend breaks off on a hello that offers to resume a session";
  return "The backend accepts the resumption of a session, and then it fails";
}

std::string cause(Failure failure, const std::string& how) {
  if (failure == Failure::refused_binder)
    return "The client's hello offers to resume an earlier session, and the backend answered it "
           "with " +
           how +
           ": the proof (binder) that the client has the session's key does not verify. A server "
           "that does not know a session goes on with a full handshake; this one knows the "
           "ticket and has another key for it, or something between changed the hello, which "
           "the binder covers.";
  if (failure == Failure::not_passed_over)
    return "The client's hello offers to resume an earlier session, and the answer is " + how +
           ". A server that can't resume it goes on with a full handshake; a member of a farm that "
           "chokes on a ticket of another member, a device that does not take long tickets, and a "
           "full session cache break off. One session can't show that: where a client without an "
           "earlier session is refused in the same way, the reason is another.";
  return "The backend said that it resumes the client's earlier session, and then the handshake "
         "broke off (" +
         how +
         "): the two sides have different keys for it. Usual: members of a server farm that "
         "share session ids or ticket names but not the keys, a session cache that mixes "
         "sessions up, a client that offers one server's session to another (same name, other "
         "port), or a box between that answers for the server.";
}

const AlertReport* first_fatal(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(),
                   [&leg](const AlertReport& alert) { return is_fatal(leg, alert); });
  return found == leg.alerts.end() ? nullptr : &*found;
}

std::string how_broken(const LegReport& leg, const AlertReport* alert) {
  if (alert != nullptr) return "a fatal " + alert_words(*alert) + " from the " + alert->sent_by;
  if (leg.failure) return *leg.failure;
  return leg.close->how == "rst"   ? "a reset (RST) by the " + leg.close->by
         : leg.close->how == "fin" ? "the end of the connection (FIN) by the " + leg.close->by
                                   : "silence until the time-out";
}

}  // namespace

/// A session that is refused costs a full handshake and is no finding. One that is accepted and
/// fails hits only those who come a second time: reloads, keep-alive ends, the next page.
std::optional<FindingReport> diagnose_resumption_failed(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->client_hello) return std::nullopt;
  const LegReport& leg = *side.leg;
  const AlertReport* alert = first_fatal(leg);
  const auto failure = failure_of(leg, alert);
  if (!failure) return std::nullopt;
  const std::string how = how_broken(leg, alert);
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = *failure == Failure::not_passed_over ? side::kBackend : side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = alert == nullptr              ? judged_by::kProxyCheck
                      : alert->sent_by == "client"  ? judged_by::kClientAlert
                      : alert->sent_by == "backend" ? judged_by::kBackendAlert
                                                    : judged_by::kProxyCheck;
  finding.title = title(*failure);
  finding.cause = cause(*failure, how);
  finding.expected = "a resumed session, or a full handshake";
  finding.presented = how;
  finding.remedy =
      "Let the client forget its sessions (restart it, 'Clear SSL state' in Windows), or switch "
      "resumption off on either side to see the difference (openssl s_client without -sess_in; "
      "Windows: ClientCacheTime=0 and ServerCacheTime=0 under SCHANNEL; nginx: ssl_session_cache "
      "off, ssl_session_tickets off; Java: -Djdk.tls.client.enableSessionTicketExtension=false). "
      "Then give all members of the backend's farm the same ticket keys and TLS settings.";
  add_message_evidence(finding, side, "ClientHello", "ClientHello that offers an earlier session");
  if (*failure == Failure::after_accepted)
    add_message_evidence(finding, side, "ServerHello", "ServerHello that accepts it");
  if (alert != nullptr)
    add_alert_evidence(finding, side, *alert);
  else
    add_close_evidence(finding, side);
  if (alert != nullptr)
    add_alert_codes(finding.codes, alert->description.id);
  else
    finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.source = "RFC 8446 4.2.11; RFC 5246 7.3; RFC 5077 3.1";
  return finding;
}

}  // namespace visavis::inspect
