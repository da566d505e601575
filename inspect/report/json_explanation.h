#pragma once
#include <string>
#include <string_view>

#include "inspect/findings/catalogue.h"

namespace visavis::inspect {

/// render_explanation_json returns a finding's long form as the JSON contract's explanation, one
/// line: a reading of the vocabulary "finding".
std::string render_explanation_json(std::string_view input, const FindingExplanation& finding);

}  // namespace visavis::inspect
