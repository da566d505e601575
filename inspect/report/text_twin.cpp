#include "inspect/report/text_twin.h"

#include <algorithm>
#include <string>

namespace visavis::inspect {
namespace {

std::string seconds_text(double seconds) {
  return std::to_string(static_cast<std::uint64_t>(std::max(0.0, seconds))) + " s";
}

/// What a reader would look for in the twin's table: what the backend chose, or how it refused.
bool same_answer(const LegReport& twin, const LegReport& backend) {
  if (twin.server_hello.has_value() != backend.server_hello.has_value()) return false;
  if (twin.first_bytes != backend.first_bytes || twin.reached == "tcp") return false;
  if (twin.server_hello) {
    const ServerHelloReport& own = *twin.server_hello;
    const ServerHelloReport& ours = *backend.server_hello;
    const bool same_certificate = twin.certificates.empty() || backend.certificates.empty() ||
                                  twin.certificates.front() == backend.certificates.front();
    return own.version == ours.version && own.cipher == ours.cipher && same_certificate;
  }
  const auto alert_of = [](const LegReport& leg) {
    return leg.alerts.empty() ? CodePoint{} : leg.alerts.front().description;
  };
  const auto how = [](const LegReport& leg) { return leg.close ? leg.close->how : ""; };
  return alert_of(twin) == alert_of(backend) && (!twin.alerts.empty() || how(twin) == how(backend));
}

}  // namespace

const LegReport* differing_twin(const SessionReport& session) {
  if (!session.direct_leg) return nullptr;
  const bool same = session.backend_leg && same_answer(*session.direct_leg, *session.backend_leg);
  return same ? nullptr : &*session.direct_leg;
}

void render_twin(const SessionReport& session, TextPage& page) {
  if (!session.twin) return;
  std::string line = "DIRECT TWIN: " + session.twin->why;
  if (session.twin->cached)
    line += " (an earlier session's, " + seconds_text(session.twin->age_s) + " before)";
  else if (session.direct_leg && differing_twin(session) == nullptr)
    line += "; the proxy's hello got the same answer";
  page.gap();
  page.paragraph(0, line);
}

}  // namespace visavis::inspect
