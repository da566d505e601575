#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

std::string refusal(const LegReport& leg) {
  if (const AlertReport* alert = fatal_alert(leg, "backend"))
    return "a fatal " + alert_words(*alert) + " alert";
  if (leg.first_bytes) return *leg.first_bytes;
  if (leg.close && leg.close->how == "timeout") return "silence";
  return leg.close && leg.close->how == "rst" ? "RST" : "FIN";
}

/// What our hello has not, or has otherwise.
std::string differences(const SessionReport& session) {
  std::vector<std::string> features;
  for (const UnmirroredFeature& feature : session.mirror.unmirrored)
    if (feature.leg == "backend_leg") features.push_back(feature.feature);
  constexpr std::size_t kMost = 8;
  if (session.mirror.hello != "mirror") return "it is not the client's at all";
  return features.empty() ? "its bytes are our library's" : listed(features, kMost);
}

}  // namespace

/// The backend refuses the hello that the proxy sends in the client's place, and answers the
/// client's own, as a twin or the client itself has shown: our doing, and nobody else's fault.
std::optional<FindingReport> diagnose_our_hello_refused(const SessionReport& session) {
  const bool by_twin = session.twin && session.twin->result == "ok";
  if (!by_twin && !seen_to_work_directly(session)) return std::nullopt;
  if (!failed_in_first_flight(session)) return std::nullopt;
  const LegSide side = backend_side(session);
  const LegReport& leg = *side.leg;
  const bool said = fatal_alert(leg, "backend") != nullptr || leg.first_bytes ||
                    (leg.close && (leg.close->by == "backend" || leg.close->how == "timeout"));
  if (side.direct() || !leg.client_hello || !said) return std::nullopt;

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kProxy;
  // One that another session's twin got an answer to may have met another backend.
  finding.confidence = by_twin && session.twin->cached ? confidence::kLikely : confidence::kProven;
  finding.judged_by = by_twin ? judged_by::kTwin : judged_by::kProxyCheck;
  finding.title = "The backend refuses the proxy's hello, and answers the client's own";
  finding.cause = "The backend met the proxy's ClientHello with " + refusal(leg) +
                  (by_twin ? ". The client's own hello, sent to it byte for byte, got a "
                             "ServerHello."
                           : ". Directly the same client works with it.") +
                  " What the proxy's hello has otherwise is the reason: " + differences(session) +
                  ".";
  finding.expected = "an answer as to the client's own hello";
  finding.presented = refusal(leg);
  finding.remedy =
      "Nothing at the client or the backend: this is a limit of the proxy. Look at this client "
      "with "
      "--mode passthrough, which leaves its hello as it is.";
  add_message_evidence(finding, side, "ClientHello", "ClientHello sent by the proxy");
  finding.codes.chrome = "ERR_CONNECTION_CLOSED";
  if (const AlertReport* alert = fatal_alert(leg, "backend")) {
    add_alert_evidence(finding, side, *alert);
    finding.codes.chrome.reset();
    add_alert_codes(finding.codes, alert->description.id);
  } else {
    add_close_evidence(finding, side);
  }
  if (session.direct_leg)
    add_message_evidence(finding, {&*session.direct_leg, "direct_leg", "client", "backend"},
                         "ServerHello", "ServerHello to the client's own hello");
  finding.source = "RFC 8446 4.1.3";
  return finding;
}

}  // namespace visavis::inspect
