#include "inspect/findings/windows_reading.h"

#include <algorithm>

#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/finding.h"
#include "inspect/findings/windows_words.h"

namespace visavis::inspect {
namespace {

constexpr int kAlertReceived = 36887;
constexpr int kAlertGenerated = 36888;
constexpr std::string_view kClientParty = "client";
constexpr std::string_view kBackendParty = "backend";

/// Where the failure can be seen: the direct leg; the backend leg, where the proxy plays the
/// client's part; or the client leg, where it plays the backend's.
LegSide failed_side(const SessionReport& session) {
  const LegSide backend = backend_side(session);
  if (!backend) return client_side(session);
  if (backend.direct()) return backend;
  const bool backend_failed =
      backend.leg->outcome != "established" || fatal_alert(*backend.leg, "backend") != nullptr;
  return backend_failed ? backend : client_side(session);
}

PeerReading reading(std::string_view party, int event, std::string says) {
  PeerReading peer;
  peer.party = party;
  peer.event = event;
  peer.says = std::move(says);
  return peer;
}

void set_code(PeerReading& peer, const std::optional<std::string>& code) {
  if (!code) return;
  peer.code = code;
  if (const std::string_view name = status_name(*code); !name.empty()) peer.code_name = name;
}

/// The finding's own event, where it is not one about an alert: those are read from the leg.
void add_cause(WindowsReading& windows, const FindingReport& cause) {
  const auto& event = cause.codes.schannel_event;
  if (!event || *event == kAlertReceived || *event == kAlertGenerated) return;
  const bool servers = event_party(*event) == EventParty::server;
  PeerReading peer =
      reading(servers ? kBackendParty : kClientParty, *event, std::string(event_words(*event)));
  if (!servers) set_code(peer, cause.codes.hresult);
  windows.peers.push_back(std::move(peer));
}

/// Who sends a fatal alert logs that it did, and who gets it the alert and its API's status.
void add_alert(WindowsReading& windows, const LegSide& side, const AlertReport& alert) {
  const bool by_server = alert.sent_by == side.server;
  const std::string number = ": " + std::to_string(alert.description.id);
  windows.peers.push_back(reading(by_server ? kBackendParty : kClientParty, kAlertGenerated,
                                  std::string(event_words(kAlertGenerated)) + number));
  PeerReading receiver = reading(by_server ? kClientParty : kBackendParty, kAlertReceived,
                                 std::string(event_words(kAlertReceived)) + number);
  FindingCodes codes;
  add_alert_codes(codes, alert.description.id);
  set_code(receiver, codes.hresult);
  windows.peers.push_back(std::move(receiver));
}

const AlertReport* first_fatal(const LegReport& leg) {
  const auto found = std::find_if(leg.alerts.begin(), leg.alerts.end(),
                                  [&leg](const AlertReport& a) { return is_fatal(leg, a); });
  return found == leg.alerts.end() ? nullptr : &*found;
}

/// The client's entries before the backend's; what came first stays first.
void sort_by_party(WindowsReading& windows) {
  std::stable_sort(windows.peers.begin(), windows.peers.end(),
                   [](const PeerReading& a, const PeerReading& b) {
                     return a.party == kClientParty && b.party != kClientParty;
                   });
}

}  // namespace

std::optional<WindowsReading> read_as_windows(const SessionReport& session) {
  const bool failed = session.verdict.proxied == "failed" ||
                      (session.verdict.proxied == "none" && session.verdict.direct == "failed");
  if (!failed) return std::nullopt;
  WindowsReading windows;
  const FindingReport* cause = !session.findings.empty() && session.findings.front().role == "cause"
                                   ? &session.findings.front()
                                   : nullptr;
  if (cause != nullptr) {
    add_cause(windows, *cause);
    windows.chrome = cause->codes.chrome;
    windows.firefox = cause->codes.firefox;
    windows.java = cause->codes.java;
  }
  const LegSide side = failed_side(session);
  if (const AlertReport* alert = side ? first_fatal(*side.leg) : nullptr)
    add_alert(windows, side, *alert);
  sort_by_party(windows);
  if (windows.peers.empty() && !windows.chrome && !windows.firefox && !windows.java)
    return std::nullopt;
  return windows;
}

}  // namespace visavis::inspect
