#include "inspect/findings/finding.h"

#include <algorithm>

namespace visavis::inspect {

const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by) {
  if (!leg) return nullptr;
  const auto found =
      std::find_if(leg->alerts.begin(), leg->alerts.end(), [sent_by](const AlertReport& alert) {
        return alert.level == "fatal" && alert.sent_by == sent_by;
      });
  return found == leg->alerts.end() ? nullptr : &*found;
}

const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by,
                               std::uint32_t description) {
  const AlertReport* alert = fatal_alert(leg, sent_by);
  return alert != nullptr && alert->description.id == description ? alert : nullptr;
}

const EventReport* first_event(const LegReport& leg, std::string_view kind, std::string_view what) {
  const auto found = std::find_if(
      leg.events.begin(), leg.events.end(),
      [kind, what](const EventReport& event) { return event.kind == kind && event.what == what; });
  return found == leg.events.end() ? nullptr : &*found;
}

const EventReport* last_event(const LegReport& leg, std::string_view kind) {
  const auto found = std::find_if(leg.events.rbegin(), leg.events.rend(),
                                  [kind](const EventReport& event) { return event.kind == kind; });
  return found == leg.events.rend() ? nullptr : &*found;
}

EvidenceReport evidence_of(std::string_view leg, const EventReport& event, std::string what) {
  if (what.empty()) what = event.what + " from the " + event.sender;
  return {std::string(leg), event.i, std::move(what)};
}

}  // namespace visavis::inspect
