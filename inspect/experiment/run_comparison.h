#pragma once
#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// The runs' names, as far as they are fixed; a run with a split policy adds ", split 1/n-1".
inline constexpr std::string_view kDirectRun = "direct";
inline constexpr std::string_view kProxiedRun = "proxied";

/// The mode of a run without a client: a captured hello, and what answers it.
inline constexpr std::string_view kTrialMode = "trial";

/// complete_comparison judges the runs: which worked, what differs, the verdict, and the findings,
/// among them those that only several runs can prove. The runs must be there, with their sessions;
/// the first that is named "direct" speaks for the direct connection, the first "proxied" for the
/// proxied one. Without them (saved sessions) each session speaks for what it is.
///
/// A run works when its command ended with 0 (where there was one) and its session, as far as it
/// can be told, did not fail. The verdict class of every proxied run's own session is settled as
/// well: the direct run's outcome is known by passthrough. Where the client works directly, the
/// findings of a proxied run that failed are made anew in that light: what the proxy could not know
/// is then not held against a party. A refusal by HTTP status that is our limit's doing is no
/// success, though the client's command may end with 0.
void complete_comparison(ComparisonReport& comparison);

/// runs_differ is true when outcome, exit code or HTTP status are not the same in all runs.
/// Certificates, randoms and lengths always differ and do not count.
bool runs_differ(const ComparisonReport& comparison);

/// client_splits is true when a session shows that the client cuts its application data against
/// BEAST: then the split policies are worth trying.
bool client_splits(const SessionReport& session);

}  // namespace visavis::inspect
