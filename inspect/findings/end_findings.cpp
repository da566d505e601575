#include <algorithm>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {

FindingReport network_finding(const TwoEnds& ends, std::string_view id) {
  FindingReport finding;
  finding.id = id;
  finding.kind = finding_kind::kConnection;
  finding.side = side::kNetwork;
  finding.severity = is_refused(ends) ? severity::kError : severity::kWarning;
  finding.confidence =
      ends.matched_by == MatchedBy::client_random ? confidence::kProven : confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  return finding;
}

void add_end_evidence(FindingReport& finding, std::string_view end, const EventReport* event,
                      std::string what) {
  EvidenceReport evidence{std::string(end), std::nullopt, std::move(what)};
  if (event != nullptr) evidence.event = event->i;
  finding.evidence.push_back(std::move(evidence));
}

std::vector<FindingReport> diagnose_two_ends(const TwoEnds& ends) {
  std::vector<FindingReport> findings;
  const auto add = [&findings](std::optional<FindingReport> finding) {
    if (!finding) return;
    const bool cause = findings.empty() && finding->severity == severity::kError;
    finding->role = cause ? finding_role::kCause : finding_role::kObservation;
    findings.push_back(std::move(*finding));
  };
  add(diagnose_interception(ends));
  if (!findings.empty() || ends.matched_by != MatchedBy::client_random) return findings;
  add(diagnose_hello_altered(ends));
  add(diagnose_bytes_altered(ends));
  add(diagnose_made_up_alert(ends));
  add(diagnose_made_up_close(ends));
  add(diagnose_bytes_lost(ends));
  add(diagnose_hello_resegmented(ends));
  return findings;
}

}  // namespace visavis::inspect
