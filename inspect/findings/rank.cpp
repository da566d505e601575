#include "inspect/findings/rank.h"

#include <algorithm>
#include <array>

#include "inspect/compare/direct_outcome.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/finding.h"

namespace visavis::inspect {
namespace {

/// What nobody could explain explains less than any name for it.
constexpr std::string_view kUnexplained = "alert-unexplained";
/// The one finding about certificates that were not seen.
constexpr std::string_view kTooLarge = "certificate-message-too-large";

/// A comparison may have settled that what seemed to work did not.
bool failed(const SessionReport& session) {
  if (session.verdict.proxied == "failed") return true;
  if (session.client_leg || session.backend_leg) return !proxied_works(session);
  return session.direct_leg && judge_direct(session).result == DirectOutcome::Result::failed;
}

/// A chain that our check objects to is why a session failed only where somebody broke it off for
/// that: the client by its alert or by leaving a handshake unused, or we (--verify enforce).
bool certificate_ended_it(const SessionReport& session, const FindingReport& finding) {
  if (session.backend_leg && refused_by_us(*session.backend_leg)) return true;
  if (finding.judged_by == judged_by::kClientAlert) return true;
  // Where it was not even read, the backend leg ended there.
  if (finding.id == kTooLarge && session.backend_leg &&
      session.backend_leg->reached == "server_hello")
    return true;
  return session.direct_leg && !session.client_leg && !session.backend_leg &&
         finding.severity == severity::kError;
}

/// Smaller: the better explanation. kNone: none at all.
constexpr int kNone = 9;
int explanation(const SessionReport& session, const FindingReport& finding) {
  if (finding.kind == finding_kind::kObservation) return kNone;
  if (finding.id == kUnexplained) return 3;
  if (finding.kind == finding_kind::kCertificate)
    return certificate_ended_it(session, finding) ? 2 : kNone;
  // Of a client that says nothing there is no worse to tell.
  if (finding.severity == severity::kInfo) return 4;
  return finding.severity == severity::kError ? 0 : 1;
}

template <std::size_t N>
std::size_t place(const std::array<std::string_view, N>& words, std::string_view word) {
  return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

/// Of two findings, the one that says more; the table's order where both say the same.
bool worse(const FindingReport& a, const FindingReport& b) {
  constexpr std::array kSeverities{severity::kError, severity::kWarning, severity::kInfo};
  const std::size_t severity_a = place(kSeverities, a.severity);
  const std::size_t severity_b = place(kSeverities, b.severity);
  if (severity_a != severity_b) return severity_a < severity_b;
  return a.confidence == confidence::kProven && b.confidence != confidence::kProven;
}

}  // namespace

void rank_findings(SessionReport& session) {
  if (session.findings.empty()) return;
  if (session.findings.size() > 1)  // of one, std::stable_sort would ask for memory
    std::stable_sort(session.findings.begin(), session.findings.end(), worse);
  for (FindingReport& finding : session.findings) finding.role = finding_role::kObservation;
  if (!failed(session)) return;
  const auto leading = std::min_element(session.findings.begin(), session.findings.end(),
                                        [&session](const FindingReport& a, const FindingReport& b) {
                                          return explanation(session, a) < explanation(session, b);
                                        });
  if (explanation(session, *leading) == kNone) return;
  leading->role = finding_role::kCause;
  std::rotate(session.findings.begin(), leading, leading + 1);
}

}  // namespace visavis::inspect
