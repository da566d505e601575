#pragma once
#include <string_view>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

// The words of a finding's fields (DESIGN.md section 7).
namespace severity {
inline constexpr std::string_view kError = "error";      ///< a current default client fails
inline constexpr std::string_view kWarning = "warning";  ///< some clients fail
inline constexpr std::string_view kInfo = "info";        ///< worth a line
}  // namespace severity

namespace side {
inline constexpr std::string_view kClient = "client";
inline constexpr std::string_view kBackend = "backend";
inline constexpr std::string_view kBoth = "both";
}  // namespace side

namespace confidence {
inline constexpr std::string_view kProven = "proven";
inline constexpr std::string_view kLikely = "likely";
}  // namespace confidence

namespace judged_by {
inline constexpr std::string_view kClientAlert = "client-alert";
inline constexpr std::string_view kBackendAlert = "backend-alert";
inline constexpr std::string_view kProxyCheck = "proxy-check";
}  // namespace judged_by

/// fatal_alert returns the first fatal alert that `sent_by` sent on the leg, or null.
const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by);
const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by,
                               std::uint32_t description);

/// first_event returns the first event of this kind and these words, or null.
const EventReport* first_event(const LegReport& leg, std::string_view kind, std::string_view what);
/// last_event returns the last event of this kind, or null.
const EventReport* last_event(const LegReport& leg, std::string_view kind);

/// evidence_of makes evidence that points at an event; `what` defaults to the event's sender and
/// words.
EvidenceReport evidence_of(std::string_view leg, const EventReport& event, std::string what = {});

}  // namespace visavis::inspect
