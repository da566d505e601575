#pragma once
#include <string_view>
#include <vector>

#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// find_run returns the run of this name, or null.
const RunReport* find_run(const ComparisonReport& comparison, std::string_view name);

/// collect_findings returns the findings of the runs that speak for direct and proxied, each cause
/// once; what several runs show stands before, and instead of, what one of them made likely.
std::vector<FindingReport> collect_findings(const ComparisonReport& comparison);

}  // namespace visavis::inspect
