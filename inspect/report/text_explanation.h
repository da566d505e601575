#pragma once
#include <string>

#include "inspect/findings/catalogue.h"
#include "inspect/report/text_report.h"

namespace visavis::inspect {

/// render_explanation returns a finding's long form as a person reads it, wrapped to the page.
std::string render_explanation(const FindingExplanation& finding, const TextStyle& style = {});

}  // namespace visavis::inspect
