#pragma once
#include <string>

#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// run_works is true when the client had what it came for: its command ended with 0, whatever an
/// alert or a reset said at the end. Without a command the session speaks, and of a trial the
/// backend's first flight.
bool run_works(const RunReport& run, bool has_command);

/// run_result is "works", or how the run fails; `ok` must be known.
std::string run_result(const RunReport& run, bool has_command);

/// RefusedBy is a refusal by HTTP status, which clients take for an answer like any other: whether
/// the direct run met it too.
enum class RefusedBy {
  nobody,     ///< the request was not refused, or directly alike
  our_limit,  ///< directly the client printed another answer
  not_known   ///< the client printed nothing in either run
};

/// judge_refusal looks at a proxied run that works as far as the client tells, but whose backend
/// wants the certificate that only the client has, and at the direct run that works.
RefusedBy judge_refusal(const RunReport& proxied, const RunReport& direct);

}  // namespace visavis::inspect
