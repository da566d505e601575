#pragma once
#include <vector>

#include "inspect/experiment/end_matching.h"
#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// The runs' names where a comparison is of captures from both ends of the same connections.
inline constexpr std::string_view kClientEndRun = "client end";
inline constexpr std::string_view kServerEndRun = "server end";

/// compare_ends lays both ends of every matched connection side by side: what was changed on the
/// way is a finding, and where nothing was, those of the sessions themselves count. The connection
/// that tells most gives the comparison its runs, differences, verdict and findings; `connections`
/// has them all, `unmatched` the sessions that only one end shows. `target` is left as it is.
void compare_ends(std::vector<SessionReport> client_end, std::vector<SessionReport> server_end,
                  const EndMatches& matches, ComparisonReport& comparison);

/// ends_fail is true when a connection has a finding of severity error, or did not end alike at
/// both ends.
bool ends_fail(const ComparisonReport& comparison);

}  // namespace visavis::inspect
