#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

// The words of a finding's fields (DESIGN.md section 7).
namespace severity {
inline constexpr std::string_view kError = "error";      ///< a current default client fails
inline constexpr std::string_view kWarning = "warning";  ///< some clients fail
inline constexpr std::string_view kInfo = "info";        ///< worth a line
}  // namespace severity

/// Who must change.
namespace side {
inline constexpr std::string_view kClient = "client";
inline constexpr std::string_view kBackend = "backend";
inline constexpr std::string_view kBoth = "both";
inline constexpr std::string_view kProxy = "proxy";  ///< our own doing or limit
inline constexpr std::string_view kNetwork = "network";
}  // namespace side

namespace confidence {
inline constexpr std::string_view kProven = "proven";
inline constexpr std::string_view kLikely = "likely";
}  // namespace confidence

namespace judged_by {
inline constexpr std::string_view kClientAlert = "client-alert";
inline constexpr std::string_view kBackendAlert = "backend-alert";
inline constexpr std::string_view kProxyCheck = "proxy-check";
inline constexpr std::string_view kTwin = "twin";
}  // namespace judged_by

using Findings = std::vector<FindingReport>;

/// LegSide is a leg as rules look at it: the leg, its name, and who is its TLS client and server.
/// Without a leg it is false.
struct LegSide {
  const LegReport* leg = nullptr;
  std::string_view name;    ///< client_leg, backend_leg, direct_leg
  std::string_view client;  ///< who sends the ClientHello: client, proxy
  std::string_view server;  ///< who answers it: backend, proxy

  explicit operator bool() const { return leg != nullptr; }
  [[nodiscard]] bool direct() const { return name == "direct_leg"; }
};

/// backend_side is the leg on which the backend speaks: the backend leg, or the direct leg where
/// nobody ended the TLS. (A direct leg beside the other two is a trial and not meant.)
LegSide backend_side(const SessionReport& session);
/// asked_side is the leg on which the backend got a hello: backend_side, or the direct twin where
/// our library has nothing of the client's offer and sent none.
LegSide asked_side(const SessionReport& session);
/// client_side is the leg on which the client speaks: the client leg or the direct leg.
LegSide client_side(const SessionReport& session);

/// fatal_alert returns the first fatal alert that `sent_by` sent on the leg, or null.
const AlertReport* fatal_alert(const LegReport& leg, std::string_view sent_by);
const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by);
const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by,
                               std::uint32_t description);

/// first_event returns the first event of this kind and these words, or null.
const EventReport* first_event(const LegReport& leg, std::string_view kind, std::string_view what);
/// first_event of this sender.
const EventReport* first_event(const LegReport& leg, std::string_view kind, std::string_view what,
                               std::string_view sender);
/// last_event returns the last event of this kind, or null.
const EventReport* last_event(const LegReport& leg, std::string_view kind);

/// evidence_of makes evidence that points at an event; `what` defaults to the event's sender and
/// words.
EvidenceReport evidence_of(std::string_view leg, const EventReport& event, std::string what = {});

/// is_passed_on is true for an alert with which the proxy answered a client that was still waiting:
/// it is the backend's, passed on, and no opinion of ours.
bool is_passed_on(const LegSide& side, const AlertReport& alert);

/// alert_words is "handshake_failure (40)".
std::string alert_words(const AlertReport& alert);
/// add_alert_evidence says who sent the alert.
void add_alert_evidence(FindingReport& finding, const LegSide& side, const AlertReport& alert);
/// add_message_evidence points at the first message of this name; without one it adds nothing.
void add_message_evidence(FindingReport& finding, const LegSide& side, std::string_view message,
                          std::string what);
/// add_close_evidence points at the first close on the leg.
void add_close_evidence(FindingReport& finding, const LegSide& side);

/// dial_failure returns the event of a dial that failed (tcp_note), or null when TCP came about.
const EventReport* dial_failure(const LegReport& leg);

/// is_stopped is true when we ended the leg because the proxy was stopped: nobody's fault.
bool is_stopped(const LegReport& leg);

/// close_words puts a close into words: "closed the connection (FIN)", "reset it (RST)".
std::string_view close_words(const CloseReport& close);

/// closed_at_once is true when the first close came within two seconds of the last message.
bool closed_at_once(const LegReport& leg);

/// count_of is "1 certificate", "3 certificates".
std::string count_of(std::size_t count, std::string_view noun);

/// capitalized begins a sentence.
std::string capitalized(std::string text);

/// listed joins names with commas; beyond `most` it says how many more there are.
std::string listed(const std::vector<std::string>& names, std::size_t most);
std::string listed(const std::vector<CodePoint>& points, std::size_t most);

/// checked_host is the name or address that the backend's chain is judged for: the SNI, or the host
/// of the backend where the client names none.
std::string checked_host(const SessionReport& session);
/// host_part is "HOST" of "HOST:PORT", without the brackets of an IPv6 literal.
std::string host_part(std::string_view address);

}  // namespace visavis::inspect
