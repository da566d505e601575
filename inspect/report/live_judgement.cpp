#include "inspect/report/live_judgement.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "inspect/findings/windows_reading.h"

namespace visavis::inspect {
namespace {

bool is_of_certificate(const FindingReport& finding) {
  return finding.kind == finding_kind::kCertificate;
}

bool shows_certificates(const SessionReport& session) {
  const auto& leg = session.backend_leg ? session.backend_leg : session.direct_leg;
  return leg && !leg->certificates.empty();
}

std::set<std::string> ids_of_certificates(const std::vector<FindingReport>& findings) {
  std::set<std::string> ids;
  for (const FindingReport& finding : findings)
    if (is_of_certificate(finding)) ids.insert(finding.id);
  return ids;
}

/// The words are the live ones: those of the capture were made of less.
FindingReport found_live(FindingReport live, const std::vector<FindingReport>& read) {
  const auto same = std::find_if(read.begin(), read.end(), [&live](const FindingReport& each) {
    return each.id == live.id && each.side == live.side && each.title == live.title &&
           each.judged_by == live.judged_by;
  });
  if (same == read.end()) {
    live.cause = "The proxy found this live; the capture does not show what it was made of.";
    return live;
  }
  live.cause = same->cause;
  live.expected = same->expected;
  live.presented = same->presented;
  live.evidence = same->evidence;
  return live;
}

}  // namespace

/// A peer's request, host or body may stand in these.
void without_content(FindingReport& finding) {
  finding.cause.clear();
  finding.expected.clear();
  finding.presented.clear();
  finding.evidence.clear();
}

LiveJudgement live_judgement(const SessionReport& session) {
  LiveJudgement live{session.verdict, session.findings};
  for (FindingReport& finding : *live.findings) without_content(finding);
  return live;
}

void put_live(LiveJudgement live, SessionReport& session) {
  bool same_certificates = true;
  if (live.findings) {
    const bool shown = shows_certificates(session);
    same_certificates =
        !shown || ids_of_certificates(*live.findings) == ids_of_certificates(session.findings);
    std::vector<FindingReport> findings;
    for (FindingReport& finding : *live.findings)
      if (same_certificates || !is_of_certificate(finding))
        findings.push_back(found_live(std::move(finding), session.findings));
    for (FindingReport& finding : session.findings)
      if (!same_certificates && is_of_certificate(finding)) findings.push_back(finding);
    if (same_certificates && findings != session.findings) session.verdict.from_live = true;
    session.findings = std::move(findings);
  }
  live.verdict.from_live = session.verdict.from_live;
  if (same_certificates && session.verdict != live.verdict) {
    session.verdict = std::move(live.verdict);
    session.verdict.from_live = true;
  }
  session.windows = read_as_windows(session);
}

}  // namespace visavis::inspect
