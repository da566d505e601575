#include "inspect/findings/finding.h"

#include <algorithm>
#include <array>

#include "inspect/compare/leg_outcome.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {

LegSide backend_side(const SessionReport& session) {
  if (session.backend_leg) return {&*session.backend_leg, "backend_leg", "proxy", "backend"};
  if (session.direct_leg && !session.client_leg)
    return {&*session.direct_leg, "direct_leg", "client", "backend"};
  return {};
}

LegSide asked_side(const SessionReport& session) {
  const bool asked = session.backend_leg && session.backend_leg->client_hello;
  const bool twin = session.client_leg && session.client_leg->outcome != "established" &&
                    session.direct_leg && session.direct_leg->client_hello;
  if (asked || !twin) return backend_side(session);
  return {&*session.direct_leg, "direct_leg", "client", "backend"};
}

LegSide client_side(const SessionReport& session) {
  if (session.client_leg) return {&*session.client_leg, "client_leg", "client", "proxy"};
  if (session.direct_leg && !session.backend_leg)
    return {&*session.direct_leg, "direct_leg", "client", "backend"};
  return {};
}

const AlertReport* fatal_alert(const LegReport& leg, std::string_view sent_by) {
  const auto found = std::find_if(
      leg.alerts.begin(), leg.alerts.end(),
      [&](const AlertReport& alert) { return alert.sent_by == sent_by && is_fatal(leg, alert); });
  return found == leg.alerts.end() ? nullptr : &*found;
}

const AlertReport* fatal_alert(const std::optional<LegReport>& leg, std::string_view sent_by) {
  return leg ? fatal_alert(*leg, sent_by) : nullptr;
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

const EventReport* first_event(const LegReport& leg, std::string_view kind, std::string_view what,
                               std::string_view sender) {
  const auto found =
      std::find_if(leg.events.begin(), leg.events.end(), [&](const EventReport& event) {
        return event.kind == kind && event.what == what && event.sender == sender;
      });
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

bool is_passed_on(const LegSide& side, const AlertReport& alert) {
  return side.name == "client_leg" && alert.sent_by == "proxy" && !side.leg->server_hello;
}

std::string alert_words(const AlertReport& alert) {
  return alert.description.name + " (" + std::to_string(alert.description.id) + ')';
}

void add_alert_evidence(FindingReport& finding, const LegSide& side, const AlertReport& alert) {
  const std::string level = alert.level == "fatal" ? "fatal " : alert.level + ' ';
  finding.evidence.push_back({std::string(side.name), alert.event,
                              level + alert_words(alert) + " received from the " + alert.sent_by});
}

void add_message_evidence(FindingReport& finding, const LegSide& side, std::string_view message,
                          std::string what) {
  if (const EventReport* event = first_event(*side.leg, "message", message))
    finding.evidence.push_back(evidence_of(side.name, *event, std::move(what)));
}

void add_close_evidence(FindingReport& finding, const LegSide& side) {
  if (!side.leg->close) return;
  const CloseReport& close = *side.leg->close;
  const EventReport* event = first_event(*side.leg, "close", close.how, close.by);
  if (event == nullptr) return;
  finding.evidence.push_back(
      evidence_of(side.name, *event,
                  close.how == "timeout" ? std::string("time-out: nothing came") : std::string()));
}

const EventReport* dial_failure(const LegReport& leg) {
  if (leg.outcome == "established" || leg.server_hello) return nullptr;
  const auto is_failure = [](const EventReport& event) {
    constexpr std::array<std::string_view, 5> kWords{tcp_note::kRefused, tcp_note::kNoRoute,
                                                     tcp_note::kNoAnswer, tcp_note::kNameUnknown,
                                                     tcp_note::kFailed};
    return event.kind == "tcp" &&
           std::find(kWords.begin(), kWords.end(), event.what.view()) != kWords.end();
  };
  const auto found = std::find_if(leg.events.begin(), leg.events.end(), is_failure);
  return found == leg.events.end() ? nullptr : &*found;
}

bool is_stopped(const LegReport& leg) { return leg.failure == "the proxy was stopped"; }

std::string_view close_words(const CloseReport& close) {
  if (close.how == "rst") return "reset the connection (RST)";
  if (close.how == "fin") return "closed the connection (FIN)";
  if (close.how == "timeout") return "stayed silent until the time-out";
  return "closed the connection";
}

bool closed_at_once(const LegReport& leg) {
  constexpr std::int64_t kAtOnceUs = 2'000'000;
  if (!leg.close) return false;
  const EventReport* said = last_event(leg, "message");
  const EventReport* closed = first_event(leg, "close", leg.close->how, leg.close->by);
  return said != nullptr && closed != nullptr && closed->t_us - said->t_us <= kAtOnceUs;
}

std::string count_of(std::size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + ' ';
  text += noun;
  if (count != 1) text += 's';
  return text;
}

std::string capitalized(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

namespace {

template <class T, class ToText>
std::string listed_with(const std::vector<T>& items, std::size_t most, ToText to_text) {
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < most; ++i) {
    if (i > 0) text += ", ";
    text += to_text(items[i]);
  }
  if (items.size() > most) text += " and " + std::to_string(items.size() - most) + " more";
  return text;
}

}  // namespace

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  return listed_with(names, most, [](const std::string& name) { return name; });
}

std::string listed(const std::vector<CodePoint>& points, std::size_t most) {
  return listed_with(points, most, [](const CodePoint& point) { return point.name.view(); });
}

std::string host_part(std::string_view address) {
  std::string host(address.substr(0, address.rfind(':')));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

std::string checked_host(const SessionReport& session) {
  if (session.sni) return *session.sni;
  const LegSide side = client_side(session);
  const bool named = side && side.leg->client_hello && side.leg->client_hello->sni;
  return named ? *side.leg->client_hello->sni : host_part(session.backend);
}

}  // namespace visavis::inspect
