#include "inspect/findings/hello_intolerance.h"

#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/hello_suspects.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

/// Both legs agreed on one version and one suite, or the client, of which there is only the hello
/// (a profile's), offers them: what can be negotiated is not the question.
bool same_parameters(const SessionReport& session) {
  if (!session.client_leg || !session.backend_leg || !session.backend_leg->established)
    return false;
  const LegReport& client = *session.client_leg;
  const EstablishedReport& agreed = *session.backend_leg->established;
  if (client.established)
    return client.established->version == agreed.version &&
           client.established->cipher == agreed.cipher;
  return client.outcome == "incomplete" && !client.close && client.client_hello &&
         version_offered(*client.client_hello, agreed.version) &&
         listed_contains(client.client_hello->ciphers, agreed.cipher);
}

std::string how_refused(const SessionReport& session) {
  if (!session.direct_leg) return "the backend refuses it";
  const LegReport& trial = *session.direct_leg;
  if (const AlertReport* alert = fatal_alert(trial, "backend"))
    return "the backend answers with a fatal " + alert_words(*alert);
  return trial.close ? "the backend " + std::string(close_words(*trial.close))
                     : std::string("the backend refuses it");
}

void add_trial(FindingReport& finding, const SessionReport& session) {
  finding.codes.chrome = "ERR_CONNECTION_CLOSED";
  if (!session.direct_leg) return;
  const LegSide trial{&*session.direct_leg, "direct_leg", "client", "backend"};
  add_message_evidence(finding, trial, "ClientHello", "the client's own hello, tried as it is");
  if (const AlertReport* alert = fatal_alert(*trial.leg, "backend")) {
    add_alert_evidence(finding, trial, *alert);
    finding.codes.chrome.reset();
    add_alert_codes(finding.codes, alert->description.id);
    return;
  }
  add_close_evidence(finding, trial);
  const auto& close = trial.leg->close;
  if (close && close->how == "rst") finding.codes.chrome = "ERR_CONNECTION_RESET";
  if (close && close->how == "timeout") finding.codes.chrome = "ERR_TIMED_OUT";
}

}  // namespace

/// The backend took our hello and not the client's own, which says the same in other bytes. From
/// one such pair the intolerances look alike: they are ranked, and none is claimed.
std::optional<FindingReport> diagnose_hello_intolerance(const SessionReport& session) {
  if (!session.twin || session.twin->result != "failed" || session.mirror.hello != "mirror")
    return std::nullopt;
  if (!same_parameters(session) || !same_name(session) || seen_to_work_directly(session))
    return std::nullopt;
  const auto& own = session.client_leg->client_hello;
  const auto& ours = session.backend_leg->client_hello;
  if (!own || !ours) return std::nullopt;
  const LegReport* trial = session.direct_leg ? &*session.direct_leg : nullptr;
  const std::vector<Suspect> suspects = rank_suspects(*own, *ours, trial);
  if (suspects.empty()) return std::nullopt;

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kTwin;
  finding.title = "The backend takes the proxy's hello and not the client's own";
  finding.cause = "Sent to it byte for byte, the client's own hello finds no ServerHello: " +
                  how_refused(session) +
                  ". With the proxy's hello, which asks for the same, the handshake works. What "
                  "the client's has otherwise, likeliest first: ";
  for (std::size_t i = 0; i < suspects.size(); ++i)
    finding.cause += (i == 0 ? "" : "; ") + suspects[i].why + " (" + suspects[i].id + ')';
  finding.cause += ". Which of these it is takes trials, one difference at a time.";
  finding.expected = "a ServerHello to the client's own hello";
  finding.presented = how_refused(session);
  finding.remedy =
      "Update the backend, or the load balancer or firewall before it, which mostly is what can't "
      "read the hello. `visavis explain " +
      suspects.front().id +
      "` says which products are known for it. Until then the client can be told to send less: no "
      "post-quantum groups, an older maximum version.";
  finding.evidence.push_back({"client_leg", std::nullopt, suspects.front().why});
  add_message_evidence(finding, client_side(session), "ClientHello", "the client's hello");
  add_message_evidence(finding, backend_side(session), "ServerHello",
                       "ServerHello to the proxy's hello");
  add_trial(finding, session);
  finding.source = "RFC 8446 9.3";
  for (const Suspect& suspect : suspects) finding.suspects.push_back(suspect.id);
  return finding;
}

std::optional<FindingReport> suspect_hello(const SessionReport& direct,
                                           const SessionReport& proxied) {
  SessionReport both = proxied;
  both.twin = direct.twin;
  both.direct_leg = direct.direct_leg;
  std::optional<FindingReport> finding = diagnose_hello_intolerance(both);
  if (!finding) return std::nullopt;
  finding->id = "hello-intolerance";
  finding->kind = finding_kind::kConnection;
  finding->role = finding_role::kCause;
  return finding;
}

}  // namespace visavis::inspect
