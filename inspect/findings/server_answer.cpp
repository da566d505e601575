#include "inspect/findings/server_answer.h"

#include <algorithm>

namespace visavis::inspect {

bool is_retry_request(const ServerHelloReport& hello) {
  // SHA-256 of "HelloRetryRequest".
  constexpr std::string_view kRandom =
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  return hello.random == kRandom;
}

bool version_offered(const ClientHelloReport& hello, const CodePoint& version) {
  if (hello.supported_versions) return listed_contains(hello.supported_versions, version);
  return version.id <= hello.legacy_version.id;
}

std::size_t count_messages(const LegReport& leg, std::string_view message,
                           std::string_view sender) {
  return static_cast<std::size_t>(
      std::count_if(leg.events.begin(), leg.events.end(), [&](const EventReport& event) {
        return event.kind == "message" && event.what == message && event.sender == sender;
      }));
}

bool went_on(const LegSide& side) {
  const EventReport* hello = first_event(*side.leg, "message", "ServerHello");
  if (hello == nullptr) return false;
  return std::any_of(
      side.leg->events.begin(), side.leg->events.end(), [&](const EventReport& event) {
        const bool said = event.kind == "message" || event.what == "application_data";
        return event.i > hello->i && said && event.sender == side.client;
      });
}

bool ended_by(const LegReport& leg, std::string_view party) {
  return leg.close && leg.close->by == party && leg.close->how != "timeout";
}

bool listed_contains(const std::vector<CodePoint>& list, const CodePoint& point) {
  return std::any_of(list.begin(), list.end(),
                     [&point](const CodePoint& each) { return each.id == point.id; });
}

bool listed_contains(const std::optional<std::vector<CodePoint>>& list, const CodePoint& point) {
  return list && listed_contains(*list, point);
}

bool speaks_for_client(const SessionReport& session, const LegSide& side) {
  return side.direct() || session.mirror.hello == "mirror";
}

}  // namespace visavis::inspect
