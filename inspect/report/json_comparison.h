#pragma once
#include <string>

#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// render_comparison_json returns the document of type "comparison" on one line, without a newline;
/// the same promises as render_json gives.
std::string render_comparison_json(const ComparisonReport& comparison);

}  // namespace visavis::inspect
