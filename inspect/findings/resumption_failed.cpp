#include <algorithm>

#include "inspect/codepoint/extension_type.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kDecryptError = 51;
constexpr std::uint32_t kIllegalParameter = 47;

/// What became of the attempt.
enum class Failure {
  refused_binder,  ///< TLS 1.3: the proof that the client has the key does not verify
  ems_missing,     ///< RFC 7627 5.3: the answer drops extended_master_secret
  after_accepted
};

bool has_extension(const std::vector<CodePoint>& extensions, ExtensionType type) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [type](const CodePoint& each) { return each.id == type.value; });
}

/// A hello's binder is the only thing in it that can be verified: RFC 8446 4.2.11.
bool is_of_binder(const LegReport& leg, const AlertReport* alert) {
  if (alert == nullptr || leg.server_hello || leg.client_hello->psk_identities == 0) return false;
  return alert->sent_by == "backend" &&
         (alert->description.id == kDecryptError || alert->description.id == kIllegalParameter);
}

bool drops_master_secret(const LegReport& leg) {
  constexpr std::uint32_t kTls13Number = 0x0304;
  return leg.server_hello->version.id < kTls13Number &&
         has_extension(leg.client_hello->extensions, kExtendedMasterSecret) &&
         !has_extension(leg.server_hello->extensions, kExtendedMasterSecret);
}

std::optional<Failure> failure_of(const LegReport& leg, const AlertReport* alert) {
  if (leg.outcome != "failed" || !leg.client_hello || is_stopped(leg)) return std::nullopt;
  if (is_of_binder(leg, alert)) return Failure::refused_binder;
  if (!resumption_accepted(leg)) return std::nullopt;
  // A client that leaves in the middle of a handshake may have its own reasons.
  const bool broken = alert != nullptr || leg.failure ||
                      (leg.close && (leg.close->by == "backend" || leg.close->how == "timeout"));
  if (!broken) return std::nullopt;
  return drops_master_secret(leg) ? Failure::ems_missing : Failure::after_accepted;
}

std::string cause(Failure failure, const std::string& how) {
  switch (failure) {
    case Failure::refused_binder:
      return "The client's hello offers to resume an earlier session, and the backend answered it "
             "with " +
             how +
             ": the proof (binder) that the client has the session's key does not verify. A server "
             "that does not know a session goes on with a full handshake; this one knows the "
             "ticket and has another key for it, or something between changed the hello, which "
             "the binder covers.";
    case Failure::ems_missing:
      return "The client asked to resume a session with extended_master_secret, the backend "
             "accepted it without, and the connection broke off (" +
             how +
             "). A session made with the extension must not be resumed without it (RFC 7627 "
             "5.3): the members of a server farm are not alike, or something between takes the "
             "extension out.";
    case Failure::after_accepted:
      break;
  }
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
  const std::string how = alert != nullptr
                              ? "a fatal " + alert_words(*alert) + " from the " + alert->sent_by
                          : leg.failure ? *leg.failure
                                        : "the backend " + std::string(close_words(*leg.close));
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = *failure == Failure::ems_missing ? side::kBackend : side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = alert == nullptr              ? judged_by::kProxyCheck
                      : alert->sent_by == "client"  ? judged_by::kClientAlert
                      : alert->sent_by == "backend" ? judged_by::kBackendAlert
                                                    : judged_by::kProxyCheck;
  finding.title = *failure == Failure::refused_binder
                      ? "The backend can't verify the session that the client wants to resume"
                  : *failure == Failure::ems_missing
                      ? "The backend resumes a session without extended_master_secret"
                      : "The backend accepts the resumption of a session, and then it fails";
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
  add_message_evidence(finding, side, "ServerHello", "ServerHello that accepts it");
  if (alert != nullptr)
    add_alert_evidence(finding, side, *alert);
  else
    add_close_evidence(finding, side);
  if (alert != nullptr)
    add_alert_codes(finding.codes, alert->description.id);
  else
    finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.source = *failure == Failure::ems_missing ? "RFC 7627 5.3"
                                                    : "RFC 8446 4.2.11; RFC 5246 7.3; RFC 5077 3.1";
  return finding;
}

}  // namespace visavis::inspect
