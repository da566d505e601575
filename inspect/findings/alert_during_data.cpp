#include <algorithm>

#include "inspect/codepoint/content_type.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

struct Broken {
  LegSide side;
  const AlertReport* alert = nullptr;
};

const EventReport* event_of(const LegReport& leg, const AlertReport& alert) {
  const auto found =
      std::find_if(leg.events.begin(), leg.events.end(),
                   [&alert](const EventReport& event) { return event.i == alert.event; });
  return found == leg.events.end() ? nullptr : &*found;
}

/// Data, not a message of TLS 1.3 that looks the same: its plaintext length is known.
bool data_before(const LegReport& leg, const EventReport& alert) {
  return std::any_of(leg.records.begin(), leg.records.end(), [&alert](const RecordRow& record) {
    return record.content_type == kApplicationData.value && record.t_us <= alert.t_us &&
           record.plaintext_length.value_or(0) > 0;
  });
}

bool is_explained(const LegSide& side, const AlertReport& alert, const Findings& found) {
  return std::any_of(found.begin(), found.end(), [&](const FindingReport& finding) {
    return std::any_of(finding.evidence.begin(), finding.evidence.end(),
                       [&](const EvidenceReport& evidence) {
                         return evidence.leg == side.name && evidence.event == alert.event;
                       });
  });
}

Broken broken_by(const SessionReport& session, const Findings& found) {
  for (const LegSide& side : {backend_side(session), client_side(session)}) {
    if (!side || side.direct() || side.leg->outcome != "established") continue;
    const std::string_view peer = side.name == "client_leg" ? side.client : side.server;
    const AlertReport* alert = fatal_alert(*side.leg, peer);
    if (alert == nullptr || is_explained(side, *alert, found)) continue;
    const EventReport* event = event_of(*side.leg, *alert);
    if (event != nullptr && data_before(*side.leg, *event)) return {side, alert};
  }
  return {};
}

}  // namespace

/// After the handshake alerts are encrypted: only where we end the TLS can they be read.
std::optional<FindingReport> diagnose_alert_during_data(const SessionReport& session,
                                                        const Findings& found) {
  const Broken broken = broken_by(session, found);
  if (broken.alert == nullptr) return std::nullopt;
  const AlertReport& alert = *broken.alert;
  const AlertMeaning& meaning = alert_meaning(alert.description.id);
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by =
      alert.sent_by == "client" ? judged_by::kClientAlert : judged_by::kBackendAlert;
  finding.title =
      "The " + alert.sent_by + " breaks off in the middle of the data with " + alert_words(alert);
  finding.cause = "Both sides finished the handshake and data had been sent when the " +
                  alert.sent_by + " sent a fatal " + alert_words(alert) +
                  " alert. It means: " + std::string(meaning.says) + '.';
  if (!meaning.elsewhere.empty())
    finding.cause += " Usual at this point: " + std::string(meaning.elsewhere) + '.';
  finding.expected = "data, and close_notify at the end";
  finding.presented = "a fatal " + alert_words(alert) + " from the " + alert.sent_by;
  finding.remedy =
      "Look at the log of the " + alert.sent_by +
      ", which knows its reason (Windows: System log, source Schannel, event 36888 with this alert "
      "number; nginx: error_log at level info; Java: -Djavax.net.debug=ssl).";
  add_alert_evidence(finding, broken.side, alert);
  add_alert_codes(finding.codes, alert.description.id);
  finding.source = meaning.source;
  return finding;
}

}  // namespace visavis::inspect
