#pragma once
#include <vector>

#include "inspect/bytes/parse_error.h"
#include "inspect/report/leg_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// HelloExtensions is what the extensions of a ClientHello say beyond the fields of the report.
struct HelloExtensions {
  /// Those without a field of their own, in words; of those with one, the broken ones, with the
  /// problem in the place of the words. At most limits::kMaxDescribedExtensions are looked at.
  std::vector<ExtensionReport> values;
  std::vector<ParseError> problems;  ///< all problems: broken bodies, duplicates, wrong order
};

HelloExtensions describe_extensions(const ClientHello& hello);

/// describe_answer puts what a ServerHello's extensions say beyond the fields of the report into
/// words, at most limits::kMaxDescribedExtensions. Their bytes are looked up among the leg's raw
/// ones; without these, nothing is returned.
std::vector<ExtensionReport> describe_answer(const Transcript& transcript);

}  // namespace visavis::inspect
