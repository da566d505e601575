#include "inspect/experiment/run_findings.h"

#include <algorithm>
#include <utility>

#include "inspect/experiment/run_comparison.h"
#include "inspect/findings/hello_intolerance.h"
#include "inspect/findings/record_split_intolerance.h"

namespace visavis::inspect {
namespace {

bool has(const std::vector<FindingReport>& findings, const FindingReport& wanted) {
  return std::any_of(findings.begin(), findings.end(), [&](const FindingReport& each) {
    return each.id == wanted.id && each.side == wanted.side;
  });
}

/// The runs that failed, those first that prove most: of a proxied one it is known what the records
/// held, and only they were changed; splits of our own choice come last.
std::vector<const RunReport*> failed_runs(const ComparisonReport& comparison) {
  std::vector<const RunReport*> failed;
  for (const RunReport& run : comparison.runs)
    if (!run.ok && run.session) failed.push_back(&run);
  const auto rank = [](const RunReport* run) {
    return run->name == kProxiedRun ? 0 : run->name == kDirectRun ? 1 : 2;
  };
  std::stable_sort(failed.begin(), failed.end(),
                   [&](const RunReport* a, const RunReport* b) { return rank(a) < rank(b); });
  return failed;
}

/// A split that failed where the same client's request went through without it.
std::optional<FindingReport> find_split_intolerance(const ComparisonReport& comparison) {
  for (const RunReport* failed : failed_runs(comparison))
    for (const RunReport& worked : comparison.runs) {
      if (!worked.ok || !worked.session) continue;
      if (auto finding = prove_record_split_intolerance(*failed->session, *worked.session))
        return finding;
    }
  return std::nullopt;
}

/// A profile's hello that failed, where ours for the same client worked.
std::optional<FindingReport> find_hello_intolerance(const ComparisonReport& comparison) {
  const RunReport* direct = find_run(comparison, kDirectRun);
  const RunReport* proxied = find_run(comparison, kProxiedRun);
  if (direct == nullptr || proxied == nullptr || direct->mode != kTrialMode || direct->ok ||
      !proxied->ok || !direct->session || !proxied->session)
    return std::nullopt;
  return suspect_hello(*direct->session, *proxied->session);
}

}  // namespace

const RunReport* find_run(const ComparisonReport& comparison, std::string_view name) {
  const auto found = std::find_if(comparison.runs.begin(), comparison.runs.end(),
                                  [name](const RunReport& run) { return run.name == name; });
  return found == comparison.runs.end() ? nullptr : &*found;
}

std::vector<FindingReport> collect_findings(const ComparisonReport& comparison) {
  std::vector<FindingReport> findings;
  if (auto proven = find_split_intolerance(comparison)) findings.push_back(std::move(*proven));
  if (auto likely = find_hello_intolerance(comparison)) findings.push_back(std::move(*likely));
  for (const RunReport& run : comparison.runs) {
    const bool speaks =
        run.name == kDirectRun || run.name == kProxiedRun || comparison.runs.size() == 2;
    if (!run.session || !speaks) continue;
    for (const FindingReport& finding : run.session->findings)
      if (!has(findings, finding)) findings.push_back(finding);
  }
  return findings;
}

}  // namespace visavis::inspect
