#include "inspect/experiment/compare_plan.h"

#include <algorithm>

#include "inspect/experiment/run_comparison.h"

namespace visavis::inspect {
namespace {

/// The handshake itself failed: then records are not the question.
bool fails_before_data(const RunReport& run) {
  if (!run.session) return false;
  const SessionReport& session = *run.session;
  const auto failed = [](const std::optional<LegReport>& leg) {
    return leg && leg->client_hello && leg->outcome != "established";
  };
  return failed(session.client_leg) || failed(session.backend_leg) || failed(session.direct_leg);
}

}  // namespace

std::vector<PlannedRun> first_runs() {
  return {{std::string(kDirectRun), true, "keep", "mirror"},
          {std::string(kProxiedRun), false, "keep", "mirror"}};
}

std::vector<PlannedRun> further_runs(const std::vector<RunReport>& first) {
  std::vector<PlannedRun> runs;
  const bool splits = std::any_of(first.begin(), first.end(), [](const RunReport& run) {
    return run.session && client_splits(*run.session);
  });
  if (splits)
    for (const char* split : {"none", "1/n-1", "0/n"})
      runs.push_back({"proxied, split " + std::string(split), false, split, "mirror"});
  if (!first.empty() && std::all_of(first.begin(), first.end(), fails_before_data))
    runs.push_back({"proxied, hello default", false, "keep", "default"});
  return runs;
}

}  // namespace visavis::inspect
