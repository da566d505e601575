#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Unexplained is a party's fatal alert at which no finding's evidence points.
struct Unexplained {
  LegSide side;
  const AlertReport* alert = nullptr;
};

bool is_explained(const LegSide& side, const AlertReport& alert, const Findings& found) {
  return std::any_of(found.begin(), found.end(), [&](const FindingReport& finding) {
    return std::any_of(finding.evidence.begin(), finding.evidence.end(),
                       [&](const EvidenceReport& evidence) {
                         return evidence.leg == side.name && evidence.event == alert.event;
                       });
  });
}

/// The first fatal alert of a party on the leg decides; what follows it follows from it. An alert
/// that we sent is our opinion of the peer, or what we passed on: never a party's.
const AlertReport* leading_alert(const LegReport& leg) {
  const auto found =
      std::find_if(leg.alerts.begin(), leg.alerts.end(), [&leg](const AlertReport& alert) {
        return alert.sent_by != "proxy" && is_fatal(leg, alert);
      });
  return found == leg.alerts.end() ? nullptr : &*found;
}

Unexplained first_unexplained(const SessionReport& session, const Findings& found) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    const AlertReport* alert = side ? leading_alert(*side.leg) : nullptr;
    if (alert != nullptr && !is_explained(side, *alert, found)) return {side, alert};
  }
  return {};
}

/// "after the ClientHello of the proxy".
std::string step(const LegReport& leg, const AlertReport& alert) {
  const EventReport* before = nullptr;
  int finished = 0;
  for (const EventReport& event : leg.events) {
    if (event.i >= alert.event || event.kind != "message") continue;
    before = &event;
    if (event.what == "Finished") ++finished;
  }
  if (finished > 1) return "after the handshake";
  if (before == nullptr) return "before any message";
  return "after the " + before->what + " of the " + before->sender;
}

/// What of our hello was not the client's: an answer to it need not be what the client would get.
std::string our_part(const SessionReport& session, const Unexplained& found) {
  if (found.side.direct()) return {};
  const bool to_hello = found.alert->sent_by == "backend";
  if (to_hello && session.mirror.hello != "mirror")
    return " It answers the proxy's own hello (--hello " + session.mirror.hello +
           "), not the client's.";
  std::vector<std::string> features;
  for (const UnmirroredFeature& feature : session.mirror.unmirrored)
    if (feature.leg == found.side.name && feature.feature != "alert-after-handshake")
      features.push_back(feature.feature);
  if (features.empty()) return {};
  constexpr std::size_t kMost = 4;
  return std::string(" What the proxy sent differs from what the ") +
         (to_hello ? "client" : "backend") + " sent in: " + listed(features, kMost) +
         ". --mode passthrough tells whether that matters.";
}

std::string_view causes(const Unexplained& found, const AlertMeaning& meaning) {
  const bool to_hello = found.alert->sent_by == "backend" && !found.side.leg->server_hello;
  const std::string_view first = to_hello ? meaning.after_hello : meaning.elsewhere;
  return first.empty() ? (to_hello ? meaning.elsewhere : meaning.after_hello) : first;
}

/// The client judges the certificate that the backend showed it, and our own check finds nothing
/// wrong with it, or has not seen it.
bool is_about_backends_certificate(const Unexplained& found) {
  return found.side.direct() && found.alert->sent_by == "client" &&
         is_of_certificate(found.alert->description.id);
}

void describe_judgement(const SessionReport& session, const Unexplained& found,
                        FindingReport& finding) {
  const LegReport& leg = *found.side.leg;
  const bool trusted = leg.chain && leg.chain->trusted;
  finding.side = trusted ? side::kClient : side::kBoth;
  finding.title = trusted ? "The client does not trust the backend's certificate, though our trust "
                            "store does"
                          : "The client refuses the backend's certificate";
  if (trusted)
    finding.cause +=
        " Our own check of the same certificates finds nothing wrong: the client has an older or "
        "smaller trust store, a wrong clock, connects by another name, or pins a certificate.";
  else if (!leg.chain)
    finding.cause +=
        " The certificates themselves are encrypted in this connection (TLS 1.3) and can't be "
        "seen here; without --mode passthrough visavis checks them for " +
        checked_host(session) + '.';
  finding.remedy =
      "Look at the client's trust store and clock, and at the name that it connects by (Windows: "
      "certlm.msc, w32tm /query /status; Java: keytool -list -cacerts; Debian: ca-certificates).";
}

/// What the client shows its user that sent the alert itself; nothing where its number does not
/// tell.
void add_senders_words(std::uint32_t alert, FindingCodes& codes) {
  codes.chrome.reset();
  codes.firefox.reset();
  codes.java.reset();
  if (alert == kUnknownCa.value) {
    codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
    codes.firefox = "SEC_ERROR_UNKNOWN_ISSUER";
    codes.java =
        "PKIX path building failed: unable to find valid certification path to requested target";
  } else if (alert == kCertificateExpired.value) {
    codes.chrome = "ERR_CERT_DATE_INVALID";
    codes.firefox = "SEC_ERROR_EXPIRED_CERTIFICATE";
    codes.java = "CertificateExpiredException: NotAfter: ...";
  }
}

std::string_view blamed(const SessionReport& session, const Unexplained& found) {
  if (found.side.direct()) return side::kBoth;
  const bool backend = found.alert->sent_by == "backend";
  const std::string& policy = backend ? session.mirror.hello : session.mirror.answer;
  return policy == "mirror" ? side::kBoth : side::kProxy;
}

}  // namespace

/// The honest last one: an alert is a party's own word and must not go unsaid, even where we know
/// no more than the standard does.
std::optional<FindingReport> diagnose_alert_unexplained(const SessionReport& session,
                                                        const Findings& found) {
  const Unexplained unexplained = first_unexplained(session, found);
  if (unexplained.alert == nullptr) return std::nullopt;
  const LegReport& leg = *unexplained.side.leg;
  const AlertReport& alert = *unexplained.alert;
  const AlertMeaning& meaning = alert_meaning(alert.description.id);
  const std::string words = alert_words(alert);
  const std::string when = step(leg, alert);

  FindingReport finding;
  finding.severity = leg.outcome == "established" ? severity::kWarning : severity::kError;
  finding.side = blamed(session, unexplained);
  finding.confidence = confidence::kLikely;
  finding.judged_by =
      alert.sent_by == "client" ? judged_by::kClientAlert : judged_by::kBackendAlert;
  finding.title = "The " + alert.sent_by + " breaks off with " + words + ' ' + when;
  finding.cause = "The " + alert.sent_by + " sent a fatal " + words + " alert " + when +
                  ". It means: " + std::string(meaning.says) + '.';
  if (const std::string_view usual = causes(unexplained, meaning); !usual.empty())
    finding.cause += " Usual at this point: " + std::string(usual) + '.';
  finding.cause += our_part(session, unexplained);
  finding.expected = "a handshake that goes on, or data";
  finding.presented = "a fatal " + words + " from the " + alert.sent_by;
  finding.remedy =
      "Look at the log of the " + alert.sent_by +
      ", which knows its reason (Windows: System log, source Schannel, event 36888 with this alert "
      "number and an internal state; nginx: error_log at level info; Java: "
      "-Djavax.net.debug=ssl:handshake).";
  add_alert_evidence(finding, unexplained.side, alert);
  add_alert_codes(finding.codes, alert.description.id);
  if (is_about_backends_certificate(unexplained)) {
    describe_judgement(session, unexplained, finding);
    add_senders_words(alert.description.id, finding.codes);
  }
  finding.source = meaning.source;
  return finding;
}

}  // namespace visavis::inspect
