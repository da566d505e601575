#include <algorithm>

#include "inspect/compare/hello_difference.h"
#include "inspect/compare/twin_outcome.h"
#include "inspect/compare/verdict_facts.h"

/// What of a direct twin's result holds for the session that sent it.
namespace visavis::inspect {
namespace {

/// What follows the hellos was not the client's own either.
bool later_unmirrored(const SessionReport& session) {
  const auto& unmirrored = session.mirror.unmirrored;
  return std::any_of(unmirrored.begin(), unmirrored.end(), [](const UnmirroredFeature& feature) {
    if (feature.feature == kRenegotiationFeature) return true;
    return feature.leg == "backend_leg" &&
           (feature.feature.starts_with(kRecordSplitFeature) ||
            feature.feature == "client certificate");
  });
}

/// The chain that a direct client is shown: the one sent to its own hello, where that was seen.
const std::optional<ChainReport>* shown_chain(const SessionReport& session) {
  if (session.direct_leg && session.direct_leg->chain) return &session.direct_leg->chain;
  if (session.backend_leg && session.backend_leg->chain) return &session.backend_leg->chain;
  return nullptr;
}

bool asked_on_any_leg(const SessionReport& session) {
  return (session.backend_leg && asked_for_certificate(*session.backend_leg)) ||
         (session.direct_leg && asked_for_certificate(*session.direct_leg));
}

/// Why an answer to the client's own hello does not mean that the two get on directly; empty: it
/// does.
std::string_view doubt(const SessionReport& session) {
  if (!all_mirrored(session))
    return "but its own messages went no further: the proxy was told to send others";
  if (later_unmirrored(session))
    return "but what followed in this session was not sent as the client sends it";
  if (asked_on_any_leg(session)) return "but how it takes the client's certificate is not known";
  const bool first_flight = failed_in_first_flight(session);
  const bool ours_rejected = find_finding(session, "client-rejected-our-certificate") != nullptr;
  if (!first_flight && !ours_rejected && !proxied_works(session))
    return "but this session failed after that, where the trial did not follow";
  const auto* chain = shown_chain(session);
  const bool accepted = chain != nullptr && (*chain)->trusted && !warns_about_chain(session);
  // In TLS 1.3 a twin does not see it; that our own hello found no answer is explained without.
  const bool needless = chain == nullptr && first_flight;
  if (!accepted && !needless)
    return "but whether the client takes the backend's certificate is not known";
  return {};
}

/// The answer to our hello is a version that a hello like the client's leaves open.
bool hides_its_minimum(const SessionReport& session) {
  const auto& offer = session.client_leg->client_hello;
  const auto& answer = session.backend_leg->server_hello;
  return !offer->supported_versions && answer && answer->version.id < offer->legacy_version.id;
}

}  // namespace

TwinReport qualify_twin(const TwinReport& twin, const SessionReport& session) {
  TwinReport qualified = twin;
  std::string_view why;
  if (twin.result == "ok") why = doubt(session);
  if (twin.result == "failed" && !same_name(session))
    why = "but its server name is not the backend's: a direct client would send another";
  if (why.empty()) return qualified;
  qualified.result = "unknown";
  qualified.why += "; ";
  qualified.why += why;
  return qualified;
}

bool twin_could_tell(const SessionReport& session) {
  const auto& client = session.client_leg;
  const bool tried = client && client->client_hello && session.backend_leg;
  if (session.twin || !tried || backend_unreached(session)) return false;
  return same_name(session) && !hides_its_minimum(session) && doubt(session).empty();
}

}  // namespace visavis::inspect
