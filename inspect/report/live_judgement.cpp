#include "inspect/report/live_judgement.h"

#include <algorithm>
#include <utility>

namespace visavis::inspect {
namespace {

/// A peer's request, host or body may stand in these.
void forget_content(FindingReport& finding) {
  finding.cause.clear();
  finding.expected.clear();
  finding.presented.clear();
  finding.evidence.clear();
}

FindingReport found_live(FindingReport live, std::vector<FindingReport>& read) {
  const auto same = std::find_if(read.begin(), read.end(), [&live](const FindingReport& each) {
    return each.id == live.id && each.side == live.side;
  });
  if (same == read.end()) {
    live.cause = "The proxy found this live; the capture does not show what it was made of.";
    return live;
  }
  same->severity = std::move(live.severity);
  same->confidence = std::move(live.confidence);
  same->role = std::move(live.role);
  same->title = std::move(live.title);
  return std::move(*same);
}

}  // namespace

LiveJudgement live_judgement(const SessionReport& session, bool with_findings) {
  LiveJudgement live{session.verdict, std::nullopt};
  if (!with_findings) return live;
  live.findings = session.findings;
  for (FindingReport& finding : *live.findings) forget_content(finding);
  return live;
}

void put_live(LiveJudgement live, SessionReport& session) {
  if (live.findings) {
    std::vector<FindingReport> findings;
    for (FindingReport& finding : *live.findings)
      findings.push_back(found_live(std::move(finding), session.findings));
    session.findings = std::move(findings);
  }
  if (session.verdict == live.verdict) return;
  session.verdict = std::move(live.verdict);
  session.verdict.from_live = true;
}

}  // namespace visavis::inspect
