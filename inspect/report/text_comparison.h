#pragma once
#include <string>

#include "inspect/report/comparison_report.h"
#include "inspect/report/text_report.h"

namespace visavis::inspect {

/// render_comparison returns a comparison as a person reads it: the verdict, who must change, every
/// run with what came of it, what differs between the runs side by side, and the findings. The same
/// promises as render_text gives; with `quiet` the headline alone.
std::string render_comparison(const ComparisonReport& comparison, const TextStyle& style = {});

}  // namespace visavis::inspect
